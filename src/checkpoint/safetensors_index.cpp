#include "checkpoint/safetensors_index.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/pickled_weights.h"
#include "checkpoint/safetensors.h"
#include "core/fail.h"
#include "core/hash.h"

namespace tandem::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The first that is there is taken: safetensors before pickles, one file before many.
constexpr struct {
  const char* single;
  const char* index;
} kNames[] = {{"model.safetensors", "model.safetensors.index.json"},
              {"pytorch_model.bin", "pytorch_model.bin.index.json"}};
constexpr std::string_view kWrapper = "module.";
constexpr std::uint64_t kMaxIndexBytes = 100'000'000;
constexpr int kMaxIndexDepth = 8;
constexpr std::string_view kScale = ".scale";
constexpr std::size_t kHashedAtOnce = std::size_t{8} << 20;

// A name that stays within the folder.
bool is_plain_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
}

// Tensor name -> shard.
std::map<std::string, std::string> read_index(const fs::path& path, const FileSystem& files) {
  const std::vector<std::byte> bytes = files.read(path, kMaxIndexBytes);
  const std::string place = path.string();
  const json index =
      parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place, kMaxIndexDepth);
  const auto weight_map = index.is_object() ? index.find("weight_map") : index.end();
  if (weight_map == index.end() || !weight_map->is_object()) {
    fail(ErrorCode::kBadFormat, "{}: weight_map: an object of tensor names and files is wanted", place);
  }
  std::map<std::string, std::string> shards;
  for (const auto& [name, shard] : weight_map->items()) {
    if (!shard.is_string() || !is_plain_file_name(shard.get_ref<const std::string&>())) {
      fail(ErrorCode::kBadFormat, "{}: weight_map: {}: found {}, a file name without a path is wanted", place,
           shown(name), shown(shard));
    }
    shards.emplace(name, shard.get<std::string>());
  }
  return shards;
}

}  // namespace

Weights Weights::open(const fs::path& folder, const FileSystem& files) {
  if (files.status(folder).kind == FileKind::kMissing) {
    fail(ErrorCode::kNotFound, "{}: there is no such folder; give the folder of a model", folder.string());
  }
  const auto is_there = [&](const char* name) {
    return files.status(folder / name).kind != FileKind::kMissing;
  };
  Weights weights;
  weights.folder_ = folder;
  for (const auto& [single, index] : kNames) {
    if (is_there(single)) {
      weights.tensors_ = weights.add_file(folder / single, "", files);
    } else if (is_there(index)) {
      weights.add_shards(index, files);
    } else {
      continue;
    }
    weights.unwrap();
    return weights;
  }
  fail(ErrorCode::kNotFound, "{}: has no weights; {}, {} or an index of the shards of either is wanted",
       folder.string(), kNames[0].single, kNames[1].single);
}

Weights Weights::open_file(const fs::path& file, const FileSystem& files, const std::string& below) {
  Weights weights;
  weights.folder_ = file;
  weights.tensors_ = weights.add_file(file, below, files);
  weights.unwrap();
  return weights;
}

std::map<std::string, TensorView> Weights::add_file(const fs::path& file, const std::string& below,
                                                    const FileSystem& files) {
  if (file.extension() == ".safetensors") {
    const SafetensorsFile opened = SafetensorsFile::open(file, files);
    files_.push_back(opened.mapping());
    return opened.tensors();
  }
  PickledWeights opened = read_pickled_weights(file, below, files);
  files_.push_back(std::move(opened.file));
  return std::move(opened.tensors);
}

void Weights::add_shards(const std::string& index, const FileSystem& files) {
  const std::map<std::string, std::string> shards = read_index(folder_ / index, files);
  std::set<std::string> shard_names;
  for (const auto& [name, shard] : shards) shard_names.insert(shard);
  for (const std::string& shard : shard_names) {
    for (auto& [name, tensor] : add_file(folder_ / shard, "", files)) {
      const auto listed = shards.find(name);
      if (listed == shards.end() || listed->second != shard) {
        fail(ErrorCode::kBadFormat, "{}: has {}, which {} {}; fetch the index and its files together",
             (folder_ / shard).string(), shown(name), index,
             listed == shards.end() ? "does not list" : "lists in another file");
      }
      tensors_.emplace(name, tensor);
    }
  }
  for (const auto& [name, shard] : shards) {
    if (tensors_.contains(name)) continue;
    fail(ErrorCode::kBadFormat,
         "{}: {} is missing, {} lists it there; fetch the index and its files together",
         (folder_ / shard).string(), shown(name), index);
  }
}

void Weights::unwrap() {
  const auto is_wrapped = [](const auto& entry) { return entry.first.starts_with(kWrapper); };
  if (!std::ranges::all_of(tensors_, is_wrapped)) return;
  std::map<std::string, TensorView> cut;
  for (auto& [name, tensor] : tensors_) cut.emplace(name.substr(kWrapper.size()), std::move(tensor));
  tensors_ = std::move(cut);
}

Weights Weights::renamed(const std::function<std::string(const std::string&)>& rename) const {
  Weights weights;
  weights.folder_ = folder_;
  weights.files_ = files_;
  for (const auto& [name, tensor] : tensors_) weights.add_tensor(rename(name), tensor);
  return weights;
}

void Weights::add(const Weights& other) {
  files_.insert(files_.end(), other.files_.begin(), other.files_.end());
  for (const auto& [name, tensor] : other.tensors_) add_tensor(name, tensor);
}

void Weights::add_tensor(const std::string& name, const TensorView& tensor) {
  if (!tensors_.emplace(name, tensor).second) {
    fail(ErrorCode::kBadFormat, "{}: there are two tensors {}; its files do not belong together",
         folder_.string(), shown(name));
  }
}

std::vector<std::string> Weights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) {
    if (!is_scale(name)) names.push_back(name);
  }
  return names;
}

const TensorView* Weights::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

bool Weights::is_quantised(const std::string& name) const {
  const TensorView* values = find(name);
  return values != nullptr && values->dtype == DType::kI8 && tensors_.contains(name + std::string(kScale));
}

bool Weights::is_scale(const std::string& name) const {
  return name.ends_with(kScale) && is_quantised(name.substr(0, name.size() - kScale.size()));
}

void Weights::read(const std::string& name, std::span<float> out) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr) {
    fail(ErrorCode::kNotFound, "{}: has no tensor {}", folder_.string(), shown(name));
  }
  if (!is_quantised(name)) return read_f32(*tensor, out);
  dequantise((folder_ / name).string(), *tensor, *find(name + std::string(kScale)), out);
}

void Weights::read_int8(const std::string& name, std::span<std::int8_t> steps,
                        std::span<float> scales) const {
  const TensorView& values = *find(name);
  const TensorView& scale = *find(name + std::string(kScale));
  require_scale((folder_ / name).string(), values, scale);
  if (steps.size() != values.count() || scales.size() != scale.count()) {
    fail(ErrorCode::kInvalidArgument, "{}: {} values and {} scales do not fit in {} and {}", shown(name),
         values.count(), scale.count(), steps.size(), scales.size());
  }
  std::ranges::copy(values.bytes, reinterpret_cast<std::byte*>(steps.data()));
  read_f32(scale, scales);
}

void Weights::release() const {
  for (const auto& file : files_) file->release(file->bytes());
}

std::string Weights::fingerprint() const {
  Fingerprint fingerprint;
  for (const auto& file : files_) {
    std::span<const std::byte> rest = file->bytes();
    fingerprint.update(std::to_string(rest.size()) + ":");
    while (!rest.empty()) {
      const auto block = rest.first(std::min(kHashedAtOnce, rest.size()));
      fingerprint.update(block);
      file->release(block);
      rest = rest.subspan(block.size());
    }
  }
  return fingerprint.hex();
}

}  // namespace tandem::checkpoint

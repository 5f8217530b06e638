#include "checkpoint/safetensors_index.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "core/hash.h"

namespace tandem::checkpoint {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kPickled[] = {"pytorch_model.bin", "pytorch_model.bin.index.json"};
constexpr std::uint64_t kMaxIndexBytes = 100'000'000;
constexpr int kMaxDepth = 8;
constexpr std::string_view kScale = ".scale";

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
      parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place, kMaxDepth);
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

[[noreturn]] void fail_without_safetensors(const fs::path& folder, const FileSystem& files) {
  for (const char* name : kPickled) {
    if (files.status(folder / name).kind == FileKind::kMissing) continue;
    fail(ErrorCode::kUnsupported,
         "{}: the weights are pickled, and opening a pickle can run code that is hidden in it; convert them "
         "in "
         "Python where you trust them: load the state dict with torch.load(..., weights_only=True) and write "
         "it "
         "with safetensors.torch.save_file to {} in this folder",
         (folder / name).string(), kSingle);
  }
  fail(ErrorCode::kNotFound, "{}: has no weights; {} or {} is wanted", folder.string(), kSingle, kIndex);
}

}  // namespace

Weights Weights::open(const fs::path& folder, const FileSystem& files) {
  Weights weights;
  weights.folder_ = folder;
  if (files.status(folder).kind == FileKind::kMissing) {
    fail(ErrorCode::kNotFound, "{}: there is no such folder; give the folder of a model", folder.string());
  }
  if (files.status(folder / kSingle).kind != FileKind::kMissing) {
    weights.files_.push_back(SafetensorsFile::open(folder / kSingle, files));
    weights.tensors_ = weights.files_.front().tensors();
    return weights;
  }
  if (files.status(folder / kIndex).kind == FileKind::kMissing) fail_without_safetensors(folder, files);
  weights.open_shards(read_index(folder / kIndex, files), files);
  return weights;
}

void Weights::open_shards(const std::map<std::string, std::string>& shards, const FileSystem& files) {
  std::set<std::string> shard_names;
  for (const auto& [name, shard] : shards) shard_names.insert(shard);
  for (const std::string& shard : shard_names) {
    files_.push_back(SafetensorsFile::open(folder_ / shard, files));
    for (const auto& [name, tensor] : files_.back().tensors()) {
      const auto listed = shards.find(name);
      if (listed == shards.end() || listed->second != shard) {
        fail(ErrorCode::kBadFormat, "{}: has {}, which {} {}; fetch the index and its files together",
             (folder_ / shard).string(), shown(name), kIndex,
             listed == shards.end() ? "does not list" : "lists in another file");
      }
      tensors_.emplace(name, tensor);
    }
  }
  for (const auto& [name, shard] : shards) {
    if (tensors_.contains(name)) continue;
    fail(ErrorCode::kBadFormat,
         "{}: {} is missing, {} lists it there; fetch the index and its files together",
         (folder_ / shard).string(), shown(name), kIndex);
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

bool Weights::is_scale(const std::string& name) const {
  if (!name.ends_with(kScale)) return false;
  const TensorView* values = find(name.substr(0, name.size() - kScale.size()));
  return values != nullptr && values->dtype == DType::kI8;
}

void Weights::read(const std::string& name, std::span<float> out) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr) {
    fail(ErrorCode::kNotFound, "{}: has no tensor {}", folder_.string(), shown(name));
  }
  const TensorView* scale = tensor->dtype == DType::kI8 ? find(name + std::string(kScale)) : nullptr;
  if (scale == nullptr) return read_f32(*tensor, out);
  dequantise((folder_ / name).string(), *tensor, *scale, out);
}

std::string Weights::fingerprint() const {
  Fingerprint fingerprint;
  for (const SafetensorsFile& file : files_) {
    fingerprint.update(std::to_string(file.bytes().size()) + ":");
    fingerprint.update(file.bytes());
  }
  return fingerprint.hex();
}

}  // namespace tandem::checkpoint

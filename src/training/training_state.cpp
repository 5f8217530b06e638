#include "training/training_state.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint/safetensors.h"
#include "checkpoint/safetensors_writer.h"
#include "core/fail.h"

namespace tandem::training {
namespace {

using checkpoint::DType;
using checkpoint::SafetensorsFile;
using checkpoint::TensorSource;
using nlohmann::json;

constexpr int kStateVersion = 1;
const char* const kStateName = "state";  // JSON text
const char* const kWeights = "weights.";
const char* const kMeans = "means.";
const char* const kSquares = "squares.";

template <typename T>
std::vector<std::byte> bytes_of(const T* values, std::size_t count) {
  const auto bytes = std::as_bytes(std::span(values, count));
  return {bytes.begin(), bytes.end()};
}

TensorSource source(const std::string& name, const at::Tensor& tensor) {
  return {name, DType::kF32, tensor.sizes().vec(), [tensor] {
            const at::Tensor values = tensor.detach().cpu().contiguous();
            return bytes_of(values.data_ptr<float>(), static_cast<std::size_t>(values.numel()));
          }};
}

// Lists of mined negatives, one behind the other: how long each is, items, cosines.
void add_mined(std::vector<TensorSource>& sources, const std::string& name,
               const std::vector<std::vector<MinedNegative>>& lists) {
  std::vector<std::int32_t> lengths, items;
  std::vector<float> cosines;
  for (const auto& list : lists) {
    lengths.push_back(static_cast<std::int32_t>(list.size()));
    for (const auto& [item, cosine] : list) {
      items.push_back(item);
      cosines.push_back(cosine);
    }
  }
  const auto add = [&](const char* part, DType dtype, const auto& values) {
    sources.push_back({name + part,
                       dtype,
                       {static_cast<std::int64_t>(values.size())},
                       [bytes = bytes_of(values.data(), values.size())] { return bytes; }});
  };
  add(".lengths", DType::kI32, lengths);
  add(".items", DType::kI32, items);
  add(".cosines", DType::kF32, cosines);
}

std::optional<double> score_of(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

SafetensorsFile open_file(const std::filesystem::path& path, const FileSystem& files) {
  try {
    return SafetensorsFile::open(path, files);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kBadFormat) throw;
    fail(ErrorCode::kBadFormat, "{}; remove the file to begin anew", error.what());
  }
}

class StateFile {
 public:
  StateFile(const std::filesystem::path& path, const FileSystem& files) : file_(open_file(path, files)) {}

  json state() const {
    const auto bytes = wanted(kStateName, DType::kU8).bytes;
    json state = json::parse(reinterpret_cast<const char*>(bytes.data()),
                             reinterpret_cast<const char*>(bytes.data()) + bytes.size(), nullptr, false);
    if (!state.is_object() || state.value("version", 0) != kStateVersion) damaged("its state cannot be read");
    return state;
  }

  void read(const std::string& name, const at::Tensor& out) const {
    const checkpoint::TensorView& tensor = wanted(name, DType::kF32);
    if (tensor.shape != out.sizes().vec()) {
      damaged("\"" + name + "\" is " + checkpoint::to_string(tensor.shape) + ", not " +
              checkpoint::to_string(out.sizes().vec()));
    }
    const at::Tensor values = torch::empty(out.sizes(), at::kFloat);
    std::memcpy(values.data_ptr<float>(), tensor.bytes.data(), tensor.bytes.size());
    out.copy_(values);
  }

  std::vector<std::vector<MinedNegative>> mined(const std::string& name) const {
    const auto lengths = numbers<std::int32_t>(name + ".lengths", DType::kI32);
    const auto items = numbers<std::int32_t>(name + ".items", DType::kI32);
    const auto cosines = numbers<float>(name + ".cosines", DType::kF32);
    std::vector<std::vector<MinedNegative>> lists;
    std::size_t at = 0;
    for (const std::int32_t length : lengths) {
      if (length < 0 || at + static_cast<std::size_t>(length) > items.size())
        damaged(name + " does not add up");
      lists.emplace_back();
      for (std::int32_t i = 0; i < length; ++i, ++at) lists.back().push_back({items[at], cosines.at(at)});
    }
    return lists;
  }

  bool has(const std::string& name) const { return file_.find(name) != nullptr; }

  [[noreturn]] void damaged(const std::string& what) const {
    fail(ErrorCode::kBadFormat, "{}: {}; remove the file to begin anew", file_.path().string(), what);
  }

 private:
  const checkpoint::TensorView& wanted(const std::string& name, DType dtype) const {
    const checkpoint::TensorView* tensor = file_.find(name);
    if (tensor == nullptr || tensor->dtype != dtype) damaged("has no \"" + name + "\" as it should be");
    return *tensor;
  }

  template <typename T>
  std::vector<T> numbers(const std::string& name, DType dtype) const {
    const checkpoint::TensorView& tensor = wanted(name, dtype);
    std::vector<T> values(tensor.count());
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }

  SafetensorsFile file_;
};

}  // namespace

void save_state(const std::filesystem::path& file, const TrainingState& state, const AdamW& optimiser,
                const std::string& options, FileSystem& files) {
  json steps = json::object();
  std::vector<TensorSource> sources;
  for (const TrainedParameter& parameter : optimiser.parameters()) {
    sources.push_back(source(kWeights + parameter.name, parameter.value));
    if (!parameter.mean.defined()) continue;
    steps[parameter.name] = parameter.steps;
    sources.push_back(source(kMeans + parameter.name, parameter.mean));
    sources.push_back(source(kSquares + parameter.name, parameter.square));
  }
  if (!state.mined.empty()) {
    add_mined(sources, "mined.images", state.mined.images_of_caption);
    add_mined(sources, "mined.captions", state.mined.captions_of_image);
  }
  const std::string text = json{
      {"version", kStateVersion},
      {"options", options},
      {"round", state.round},
      {"evaluated_round", state.evaluated_round},
      {"best_round", state.best_round},
      {"best_score", state.best_score},
      {"start_score", state.start_score ? json(*state.start_score) : json()},
      {"worse", state.worse},
      {"steps", steps}}.dump();
  sources.push_back({kStateName, DType::kU8, {static_cast<std::int64_t>(text.size())}, [text] {
                       return bytes_of(text.data(), text.size());
                     }});
  checkpoint::write_safetensors(file, sources, files);
}

std::optional<TrainingState> load_state(const std::filesystem::path& file, AdamW& optimiser,
                                        const std::string& options, const FileSystem& files) {
  if (files.status(file).kind == FileKind::kMissing) return std::nullopt;
  const at::NoGradGuard no_grad;
  const StateFile stored(file, files);
  const json state = stored.state();
  try {
    if (state.at("options") != options) {
      fail(ErrorCode::kInvalidArgument,
           "{}: a training with other options or data was begun here; go on with those, or give another "
           "folder",
           file.parent_path().string());
    }
    for (TrainedParameter& parameter : optimiser.parameters()) {
      stored.read(kWeights + parameter.name, parameter.value);
      if (!stored.has(kMeans + parameter.name)) continue;
      parameter.mean = at::empty_like(parameter.value);
      parameter.square = at::empty_like(parameter.value);
      stored.read(kMeans + parameter.name, parameter.mean);
      stored.read(kSquares + parameter.name, parameter.square);
      parameter.steps = state.at("steps").at(parameter.name).get<std::int64_t>();
    }
    TrainingState loaded{.round = state.at("round").get<std::size_t>(),
                         .evaluated_round = state.at("evaluated_round").get<std::size_t>(),
                         .best_round = state.at("best_round").get<std::size_t>(),
                         .best_score = state.at("best_score").get<double>(),
                         .start_score = score_of(state.value("start_score", json())),
                         .worse = state.at("worse").get<std::size_t>(),
                         .mined = {}};
    if (stored.has("mined.images.lengths")) {
      loaded.mined = {stored.mined("mined.images"), stored.mined("mined.captions")};
    }
    return loaded;
  } catch (const json::exception& error) {
    stored.damaged(error.what());
  }
}

}  // namespace tandem::training

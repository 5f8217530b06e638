#include "tandem/convert.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/calibration_file.h"
#include "checkpoint/quantised.h"
#include "checkpoint/safetensors_writer.h"
#include "core/fail.h"
#include "models/library_errors.h"
#include "models/load_parts.h"
#include "models/save_model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using namespace models;
using checkpoint::DType;
using checkpoint::TensorSource;

DType dtype_of(WeightType type) {
  switch (type) {
    case WeightType::kFp32:
      return DType::kF32;
    case WeightType::kFp16:
    case WeightType::kInt8:  // what is no matrix
      return DType::kF16;
    case WeightType::kBf16:
      return DType::kBF16;
  }
  fail(ErrorCode::kInvalidArgument, "no such type of weights: {}", static_cast<int>(type));
}

void require_empty(const fs::path& folder, const FileSystem& files) {
  const FileKind kind = files.status(folder).kind;
  if (kind == FileKind::kMissing || (kind == FileKind::kFolder && files.list(folder).empty())) return;
  fail(ErrorCode::kInvalidArgument, "{}: {}; give a folder that is new or empty", folder.string(),
       kind == FileKind::kFolder ? "holds something" : "is no folder");
}

// A checkpoint may write ones before a shape that we do not have.
checkpoint::Shape shape_of(const at::Tensor& part, const std::string& name,
                           const checkpoint::Weights& weights) {
  const checkpoint::TensorView* found = weights.find(name);
  if (found != nullptr && found->count() == static_cast<std::size_t>(part.numel())) return found->shape;
  return part.sizes().vec();
}

// Gives out values, and says how far it has come.
class Reader {
 public:
  explicit Reader(const ConvertOptions& options) : options_(options) {}

  // `times`: how often the values are asked for.
  std::function<void(std::span<float>)> read(const at::Tensor& part, std::uint64_t times) {
    *total_ += part.nbytes();
    return [part, times, done = done_, total = total_, options = options_](std::span<float> out) {
      if (options.stop.stop_requested()) fail(ErrorCode::kCancelled, "stopped; what was written is no model");
      std::memcpy(out.data(), part.data_ptr<float>(), out.size_bytes());
      *done += out.size_bytes() / times;
      if (options.on_progress) options.on_progress(*done, *total);
    };
  }

 private:
  ConvertOptions options_;
  std::shared_ptr<std::uint64_t> done_ = std::make_shared<std::uint64_t>(0);
  std::shared_ptr<std::uint64_t> total_ = std::make_shared<std::uint64_t>(0);
};

// What has rows that can have a scale each.
bool is_matrix(const at::Tensor& part) { return part.dim() > 1 && part.size(0) > 1; }

// The parameters under the names of the family's first layout.
std::vector<TensorSource> sources(const LoadedParts& model, const ConvertOptions& options) {
  const DType dtype = dtype_of(options.type);
  Reader reader(options);
  std::vector<TensorSource> sources;
  for (const auto& parameter : model.blueprint.network->named_parameters()) {
    const StoredNames names = model.blueprint.names.checkpoint_names(parameter.key());
    at::Tensor whole = parameter.value().detach().cpu();
    if (names.transposed) whole = whole.t().contiguous();
    const auto count = static_cast<std::int64_t>(names.parts.size());
    for (std::int64_t i = 0; i < count; ++i) {
      const at::Tensor part = count == 1 ? whole : whole.chunk(count, 0)[static_cast<std::size_t>(i)];
      const std::string& name = names.parts[static_cast<std::size_t>(i)];
      if (options.type == WeightType::kInt8 && is_matrix(part)) {
        // In our shape: a one before it would leave one scale for all rows.
        for (auto& source : checkpoint::quantised(name, part.sizes().vec(), reader.read(part, 2)))
          sources.push_back(std::move(source));
      } else {
        const auto shape = shape_of(part, name, model.loader.weights());
        sources.push_back(checkpoint::rounded(name, shape, dtype, reader.read(part, 1)));
      }
    }
  }
  // The widest first, so that all lie where their type wants them.
  std::ranges::stable_sort(sources, std::greater(),
                           [](const TensorSource& source) { return byte_width(source.dtype); });
  return sources;
}

void copy_file(const fs::path& from, const fs::path& to, FileSystem& files) {
  replace_file(files, to / from.filename(), files.read(from, kMaxTextFile));
}

}  // namespace

WeightType parse_weight_type(const std::string& name) {
  if (name == "fp32") return WeightType::kFp32;
  if (name == "fp16") return WeightType::kFp16;
  if (name == "bf16") return WeightType::kBf16;
  if (name == "int8") return WeightType::kInt8;
  fail(ErrorCode::kInvalidArgument, "\"{}\" is no type of weights; fp32, fp16, bf16 or int8 is wanted", name);
}

void models::save_model(const LoadedParts& model, const fs::path& folder, const ConvertOptions& options,
                        FileSystem& files) {
  create_folders(files, folder);
  with_typed_errors(folder.string(), [&] {
    checkpoint::write_safetensors(folder / "model.safetensors", sources(model, options), files);
  });
  for (const fs::path& file :
       text::tokenizer_files(model.folder.tokenizer, model.tokenizer_options.kind, files)) {
    copy_file(file, folder, files);
  }
  if (model.folder.preprocessing) {
    replace_file(files, folder / "preprocessor_config.json", model.folder.preprocessing->text);
  }
  replace_file(files, folder / "config.json", model.folder.config.dump());
}

void convert_model(const fs::path& from, const fs::path& to, const ConvertOptions& options) {
  FileSystem& files = FileSystem::system();
  const fs::path folder = fs::absolute(to).lexically_normal();
  require_empty(folder, files);
  const LoadedParts model = load_parts(open_model_folder(from, files), {}, files, Purpose::kConvert);
  // Before the model is whole, so that none is taken for one that was never calibrated.
  if (checkpoint::read_calibration(model.folder.path, files)) {
    create_folders(files, folder);
    copy_file(model.folder.path / checkpoint::kCalibrationFile, folder, files);
  }
  save_model(model, folder, options, files);
}

}  // namespace tandem

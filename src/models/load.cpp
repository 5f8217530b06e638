// Loading model folders: the public entry points of this room.
#include <string>
#include <utility>

#include "checkpoint/safetensors_index.h"
#include "core/fail.h"
#include "core/file_system.h"
#include "core/hash.h"
#include "core/log.h"
#include "models/family.h"
#include "models/library_errors.h"
#include "models/load_weights.h"
#include "models/torch_model.h"

namespace tandem {
namespace {

using namespace models;

constexpr std::uint64_t kMaxTextFile = std::uint64_t{256} << 20;

// All that embeddings depend on: weights, configuration, tokenizer.
std::string fingerprint(const ModelFolder& folder, const checkpoint::Weights& weights,
                        text::TokenizerKind tokenizer, const FileSystem& files) {
  Fingerprint fingerprint;
  fingerprint.update(weights.fingerprint());
  if (folder.weights) {
    fingerprint.update(folder.config.dump());
  } else {
    fingerprint.update(files.read(folder.path / "config.json", kMaxTextFile));
  }
  for (const auto& file : text::tokenizer_files(folder.tokenizer, tokenizer, files)) {
    fingerprint.update(files.read(file, kMaxTextFile));
  }
  return fingerprint.hex();
}

std::unique_ptr<ImageReader> make_reader(const Blueprint& blueprint, const ModelFolder& folder,
                                         const std::shared_ptr<const Tokenizer>& tokenizer) {
  const std::string model = folder.path.string();
  const auto* pixels = std::get_if<PixelSpec>(&blueprint.images);
  if (pixels != nullptr) return make_pixel_reader(*pixels, model);
  return make_region_reader(std::get<RegionSpec>(blueprint.images), model, tokenizer);
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& model_folder) {
  const FileSystem& files = FileSystem::system();
  const ModelFolder folder = open_model_folder(model_folder, files);
  return text::load_tokenizer_files(folder.tokenizer, family_of(folder).tokenizer(folder.config), files);
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& path, const ModelOptions& options) {
  const FileSystem& files = FileSystem::system();
  const ModelFolder folder = open_model_folder(path, files);
  const Family& family = family_of(folder);
  const text::TokenizerOptions tokenizer_options = family.tokenizer(folder.config);
  auto tokenizer = text::load_tokenizer_files(folder.tokenizer, tokenizer_options, files);
  const auto weights = folder.weights ? *folder.weights : checkpoint::Weights::open(folder.path, files);

  Blueprint blueprint = with_typed_errors((folder.path / "config.json").string(),
                                          [&] { return family.build(folder, options); });
  if (tokenizer->vocabulary_size() > blueprint.vocabulary_size) {
    fail(ErrorCode::kBadFormat,
         "{}: the tokenizer has {} entries, the word embedding only {}; they do not belong "
         "together",
         folder.path.string(), tokenizer->vocabulary_size(), blueprint.vocabulary_size);
  }
  auto reader = make_reader(blueprint, folder, tokenizer);
  with_typed_errors(folder.path.string(), [&] {
    load_weights(*blueprint.network, weights, blueprint.names, blueprint.ignored_weights);
  });

  ModelInfo info = blueprint.info;
  info.family = family.name;
  info.path = std::filesystem::weakly_canonical(folder.path);
  info.capabilities = blueprint.capabilities.value_or(family.capabilities);
  info.reads_regions = std::holds_alternative<RegionSpec>(blueprint.images);
  info.reads_photos = !info.reads_regions;
  info.max_text_tokens = tokenizer->max_length();
  info.weights_fingerprint = fingerprint(folder, weights, tokenizer_options.kind, files);
  info.preprocessing_fingerprint = reader->fingerprint();
  log(LogLevel::kInfo, "loaded {} model {}", info.family, info.path.string());
  return std::make_shared<TorchModel>(std::move(info), std::move(blueprint.network), std::move(tokenizer),
                                      std::move(reader), blueprint.vocabulary_size);
}

}  // namespace tandem

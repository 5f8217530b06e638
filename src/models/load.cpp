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
  fingerprint.update(files.read(folder.path / "config.json", kMaxTextFile));
  for (const auto& file : text::tokenizer_files(folder.path, tokenizer, files)) {
    fingerprint.update(files.read(file, kMaxTextFile));
  }
  return fingerprint.hex();
}

// A preprocessor that does not give what the network reads is found now and not at the first picture.
void require_size(const image::Preprocessor& preprocessor, std::size_t wanted, const ModelFolder& folder) {
  const Image sample{.width = 40, .height = 30, .rgb = std::vector<std::uint8_t>(40 * 30 * 3)};
  const PixelTensor pixels = preprocessor(sample);
  if (pixels.height != wanted || pixels.width != wanted) {
    fail(ErrorCode::kBadFormat,
         "{}: its preprocessor makes pictures of {} x {}, but config.json has a network for {} x {}; check "
         "size "
         "and crop_size",
         folder.path.string(), pixels.height, pixels.width, wanted, wanted);
  }
}

}  // namespace

std::shared_ptr<const Tokenizer> load_tokenizer(const std::filesystem::path& model_folder) {
  const FileSystem& files = FileSystem::system();
  const ModelFolder folder = open_model_folder(model_folder, files);
  return text::load_tokenizer_files(folder.path, family_of(folder).tokenizer(folder.config), files);
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& path, const ModelOptions& options) {
  const FileSystem& files = FileSystem::system();
  const ModelFolder folder = open_model_folder(path, files);
  const Family& family = family_of(folder);
  const text::TokenizerOptions tokenizer_options = family.tokenizer(folder.config);
  auto tokenizer = text::load_tokenizer_files(folder.path, tokenizer_options, files);
  const auto weights = checkpoint::Weights::open(folder.path, files);

  Blueprint blueprint = with_typed_errors((folder.path / "config.json").string(),
                                          [&] { return family.build(folder, options); });
  if (tokenizer->vocabulary_size() > blueprint.vocabulary_size) {
    fail(ErrorCode::kBadFormat,
         "{}: the tokenizer has {} entries, the word embedding only {}; they do not belong "
         "together",
         folder.path.string(), tokenizer->vocabulary_size(), blueprint.vocabulary_size);
  }
  const image::Preprocessor preprocessor(blueprint.preprocessing);
  require_size(preprocessor, blueprint.image_size, folder);
  with_typed_errors(folder.path.string(), [&] {
    load_weights(*blueprint.network, weights, blueprint.names, blueprint.ignored_weights);
  });

  ModelInfo info = blueprint.info;
  info.family = family.name;
  info.path = std::filesystem::weakly_canonical(folder.path);
  info.capabilities = family.capabilities;
  info.max_text_tokens = tokenizer->max_length();
  info.weights_fingerprint = fingerprint(folder, weights, tokenizer_options.kind, files);
  info.preprocessing_fingerprint = preprocessor.fingerprint();
  log(LogLevel::kInfo, "loaded {} model {}", info.family, info.path.string());
  return std::make_shared<TorchModel>(std::move(info), std::move(blueprint.network), std::move(tokenizer),
                                      preprocessor, blueprint.image_size, blueprint.vocabulary_size);
}

}  // namespace tandem

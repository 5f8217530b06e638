#include "models/load_parts.h"

#include <utility>

#include "core/fail.h"
#include "models/detector.h"
#include "models/library_errors.h"
#include "models/load_weights.h"

namespace tandem::models {

LoadedParts load_parts(ModelFolder folder, const ModelOptions& options, const FileSystem& files,
                       Heads heads) {
  const Family& family = family_of(folder);
  const text::TokenizerOptions tokenizer_options = family.tokenizer(folder.config);
  auto tokenizer = text::load_tokenizer_files(folder.tokenizer, tokenizer_options, files);
  auto weights = folder.weights ? *folder.weights : checkpoint::Weights::open(folder.path, files);

  Blueprint blueprint = with_typed_errors((folder.path / "config.json").string(),
                                          [&] { return family.build(folder, options); });
  if (tokenizer->vocabulary_size() > blueprint.vocabulary_size + blueprint.surplus_tokens) {
    fail(ErrorCode::kBadFormat,
         "{}: the tokenizer has {} entries, the word embedding only {}; they do not belong together",
         folder.path.string(), tokenizer->vocabulary_size(), blueprint.vocabulary_size);
  }
  const std::span<const std::string> optional =
      heads == Heads::kOptional ? blueprint.heads : std::span<const std::string>();
  auto missing = with_typed_errors(folder.path.string(), [&] {
    return load_weights(*blueprint.network, weights, blueprint.names, blueprint.ignored_weights, optional);
  });
  return {
      std::move(folder),    &family,           tokenizer_options, std::move(tokenizer), std::move(weights),
      std::move(blueprint), std::move(missing)};
}

std::unique_ptr<ImageReader> make_image_reader(const LoadedParts& parts, const ModelOptions& options,
                                               const FileSystem& files) {
  const std::string model = parts.folder.path.string();
  const auto& images = parts.blueprint.images;
  if (const auto* pixels = std::get_if<PixelSpec>(&images)) return make_pixel_reader(*pixels, model);
  const auto& detector = options.detector;
  return make_region_reader(std::get<RegionSpec>(images), model, parts.tokenizer,
                            detector.empty() ? nullptr : std::make_unique<Detector>(detector, files));
}

}  // namespace tandem::models

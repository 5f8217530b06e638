#include "models/load_parts.h"

#include <future>
#include <utility>

#include "core/fail.h"
#include "models/detector.h"
#include "models/library_errors.h"

namespace tandem::models {

LoadedParts load_parts(ModelFolder folder, const ModelOptions& options, const FileSystem& files,
                       Purpose purpose) {
  const Family& family = family_of(folder);
  const text::TokenizerOptions tokenizer_options = family.tokenizer(folder.config);
  // Both beside the network, which takes as long; behind it where the system has no more threads.
  const auto beside = std::launch::async | std::launch::deferred;
  auto reading = std::async(beside, [&, place = folder.tokenizer] {
    return text::load_tokenizer_files(place, tokenizer_options, files);
  });
  const auto weights = folder.weights ? *folder.weights : checkpoint::Weights::open(folder.path, files);
  auto hashing = std::async(beside, [&] { return weights.fingerprint(); });

  Blueprint blueprint = with_typed_errors((folder.path / "config.json").string(),
                                          [&] { return family.build(folder, options); });
  const std::span<const std::string> optional =
      purpose == Purpose::kTrain ? blueprint.heads : std::span<const std::string>();
  auto loader = with_typed_errors(folder.path.string(), [&] {
    WeightLoader all(blueprint.network, weights, blueprint.names, blueprint.ignored_weights, optional);
    const bool is_used_only = purpose == Purpose::kUse;
    all.load(Part::kRest, is_used_only);
    if (!is_used_only) all.load(Part::kTower);
    return all;
  });
  auto tokenizer = reading.get();
  if (tokenizer->vocabulary_size() > blueprint.vocabulary_size + blueprint.surplus_tokens) {
    fail(ErrorCode::kBadFormat,
         "{}: the tokenizer has {} entries, the word embedding only {}; they do not belong together",
         folder.path.string(), tokenizer->vocabulary_size(), blueprint.vocabulary_size);
  }
  auto fingerprint = hashing.get();
  return {std::move(folder),    &family,           tokenizer_options,     std::move(tokenizer),
          std::move(blueprint), std::move(loader), std::move(fingerprint)};
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

#include "evaluation/token_source.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "encoders/checks.h"
#include "tandem/regions.h"

namespace tandem::evaluation {
namespace {

bool stores_tokens_of(const GalleryInfo& gallery, const ModelInfo& model) {
  const GalleryModel& matching = gallery.reranker ? *gallery.reranker : gallery.model;
  return gallery.tokens != TokenStorage::kNone && matching.weights_fingerprint == model.weights_fingerprint &&
         matching.preprocessing_fingerprint == model.preprocessing_fingerprint;
}

Picture picture_again(const std::filesystem::path& path) {
  try {
    return load_picture(path);
  } catch (const Error& error) {
    fail(error.code(),
         "{}; the gallery stores no image tokens of the model that matches, so that the picture is read "
         "again: "
         "bring the file back, or evaluate emb alone",
         error.what());
  }
}

}  // namespace

TokenSource::TokenSource(const Gallery& gallery, const CrossEncoder& encoder, std::size_t batch_size)
    : gallery_(gallery),
      encoder_(encoder),
      batch_size_(batch_size),
      stored_(stores_tokens_of(gallery.info(), encoder.model().info())) {}

std::vector<Matrix> TokenSource::load(std::span<const ImageId> images, const std::stop_token& stop) const {
  std::vector<Matrix> tokens;
  tokens.reserve(images.size());
  encoders::for_each_batch(images.size(), batch_size_, stop, [&](std::size_t first, std::size_t count) {
    std::vector<Picture> pictures;
    for (const ImageId id : images.subspan(first, count)) {
      if (stored_) {
        tokens.push_back(gallery_.tokens(id));
      } else {
        pictures.push_back(picture_again(gallery_.image(id).path));
      }
    }
    for (Matrix& computed : encoder_.image_tokens(pictures, stop)) tokens.push_back(std::move(computed));
  });
  return tokens;
}

std::size_t TokenSource::block() const {
  constexpr std::size_t kBytes = std::size_t{512} << 20;
  const ModelInfo& model = encoder_.model().info();
  return std::max<std::size_t>(
      1, kBytes / sizeof(float) / (model.max_image_tokens * model.image_token_width + 1));
}

}  // namespace tandem::evaluation

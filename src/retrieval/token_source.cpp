#include "retrieval/token_source.h"

#include <algorithm>
#include <utility>

#include "core/fail.h"
#include "encoders/checks.h"
#include "gallery/gallery_models.h"
#include "tandem/regions.h"

namespace tandem::retrieval {
namespace {

bool stores_tokens_of(const GalleryInfo& gallery, const ModelInfo& model) {
  return gallery.tokens != TokenStorage::kNone &&
         gallery::is_model(gallery.reranker.value_or(gallery.model), model);
}

}  // namespace

TokenSource::TokenSource(const Gallery& gallery, CrossEncoder encoder, std::size_t batch_size,
                         std::string mend)
    : gallery_(gallery),
      encoder_(std::move(encoder)),
      batch_size_(batch_size),
      mend_(std::move(mend)),
      stored_(stores_tokens_of(gallery.info(), encoder_.model().info())) {}

std::vector<Matrix> TokenSource::load(std::span<const ImageId> images, const std::stop_token& stop) const {
  std::vector<Matrix> tokens;
  tokens.reserve(images.size());
  encoders::for_each_batch(images.size(), batch_size_, stop, [&](std::size_t first, std::size_t count) {
    std::vector<Picture> pictures;
    for (const ImageId id : images.subspan(first, count)) {
      if (stored_) {
        tokens.push_back(gallery_.tokens(id));
      } else {
        pictures.push_back(picture_again(id));
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

Picture TokenSource::picture_again(ImageId id) const {
  try {
    return load_picture(gallery_.image(id).path);
  } catch (const Error& error) {
    fail(error.code(),
         "{}; the gallery stores no image tokens of the model that matches, so that the picture is read "
         "again: bring the file back, {}",
         error.what(), mend_);
  }
}

}  // namespace tandem::retrieval

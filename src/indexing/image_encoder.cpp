#include "indexing/image_encoder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "encoders/checks.h"

namespace tandem::indexing {

std::vector<Outcome<EncodedImage>> ImageEncoder::encode(std::span<const PixelTensor> pixels) const {
  std::vector<Outcome<EncodedImage>> results;
  results.reserve(pixels.size());
  if (!pixels.empty()) encode_into(pixels, results);
  return results;
}

void ImageEncoder::encode_into(std::span<const PixelTensor> pixels,
                               std::vector<Outcome<EncodedImage>>& results) const {
  auto outcome = attempt([&] { return encode_together(pixels); });
  if (auto* images = std::get_if<std::vector<EncodedImage>>(&outcome)) {
    std::ranges::move(*images, std::back_inserter(results));
  } else if (pixels.size() == 1) {
    results.emplace_back(std::get<Failure>(std::move(outcome)));
  } else {
    const std::size_t half = pixels.size() / 2;
    encode_into(pixels.first(half), results);
    encode_into(pixels.subspan(half), results);
  }
}

std::vector<EncodedImage> ImageEncoder::encode_together(std::span<const PixelTensor> pixels) const {
  std::vector<EncodedImage> images = model_.encode_images(pixels, outputs_);
  encoders::require_count(images.size(), pixels.size(), model_);
  for (const EncodedImage& image : images) {
    for (const Matrix* values : {&image.embedding, &image.tokens}) {
      encoders::require_finite({values->data(), values->size()}, model_, "the picture");
    }
  }
  return images;
}

}  // namespace tandem::indexing

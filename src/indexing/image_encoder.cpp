#include "indexing/image_encoder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "encoders/checks.h"

namespace tandem::indexing {

std::vector<Outcome<EncodedImage>> ImageEncoder::encode(std::span<const ImageInput> inputs) const {
  std::vector<Outcome<EncodedImage>> results;
  results.reserve(inputs.size());
  if (!inputs.empty()) encode_into(inputs, results);
  return results;
}

void ImageEncoder::encode_into(std::span<const ImageInput> inputs,
                               std::vector<Outcome<EncodedImage>>& results) const {
  auto outcome = attempt([&] { return encode_together(inputs); });
  if (auto* images = std::get_if<std::vector<EncodedImage>>(&outcome)) {
    std::ranges::move(*images, std::back_inserter(results));
  } else if (inputs.size() == 1) {
    results.emplace_back(std::get<Failure>(std::move(outcome)));
  } else {
    const std::size_t half = inputs.size() / 2;
    encode_into(inputs.first(half), results);
    encode_into(inputs.subspan(half), results);
  }
}

std::vector<EncodedImage> ImageEncoder::encode_together(std::span<const ImageInput> inputs) const {
  std::vector<EncodedImage> images = model_.encode_images(inputs, outputs_);
  encoders::require_count(images.size(), inputs.size(), model_);
  for (const EncodedImage& image : images) {
    for (const Matrix* values : {&image.embedding, &image.tokens}) {
      encoders::require_finite({values->data(), values->size()}, model_, "the picture");
    }
  }
  return images;
}

}  // namespace tandem::indexing

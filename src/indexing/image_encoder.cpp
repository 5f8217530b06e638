#include "indexing/image_encoder.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "encoders/checks.h"

namespace tandem::indexing {
namespace {

using Outcomes = std::vector<Outcome<EncodedImage>>;

// Throws Backend where a value is not finite.
std::vector<EncodedImage> encode_together(const Model& model, std::span<const ImageInput> inputs,
                                          ImageOutputs outputs) {
  std::vector<EncodedImage> images = model.encode_images(inputs, outputs);
  encoders::require_count(images.size(), inputs.size(), model);
  for (const EncodedImage& image : images) {
    for (const Matrix* values : {&image.embedding, &image.tokens}) {
      encoders::require_finite({values->data(), values->size()}, model, "the picture");
    }
  }
  return images;
}

void encode_into(const Model& model, std::span<const ImageInput> inputs, ImageOutputs outputs,
                 Outcomes& results) {
  auto outcome = attempt([&] { return encode_together(model, inputs, outputs); });
  if (auto* images = std::get_if<std::vector<EncodedImage>>(&outcome)) {
    std::ranges::move(*images, std::back_inserter(results));
  } else if (inputs.size() == 1) {
    results.emplace_back(std::get<Failure>(std::move(outcome)));
  } else {
    const std::size_t half = inputs.size() / 2;
    encode_into(model, inputs.first(half), outputs, results);
    encode_into(model, inputs.subspan(half), outputs, results);
  }
}

}  // namespace

std::vector<Outcome<EncodedImage>> ImageEncoder::encode(std::vector<ModelInputs> inputs) const {
  Outcomes results;
  if (inputs.empty()) return results;
  results.reserve(inputs.size());
  std::vector<ImageInput> embedded;
  for (ModelInputs& input : inputs) embedded.push_back(std::move(input.embed));
  const bool own_tokens = tokens_ && reranker_ == nullptr && model_.info().capabilities.match;
  encode_into(model_, embedded, {.embedding = true, .tokens = own_tokens}, results);
  if (reranker_ != nullptr) add_tokens(std::move(inputs), results);
  return results;
}

void ImageEncoder::add_tokens(std::vector<ModelInputs> inputs, Outcomes& results) const {
  std::vector<ImageInput> matched;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (std::holds_alternative<Failure>(results[i])) continue;
    matched.push_back(std::move(inputs[i].match).value());
    places.push_back(i);
  }
  if (matched.empty()) return;
  Outcomes tokens;
  encode_into(*reranker_, matched, {.embedding = false, .tokens = true}, tokens);
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto& result = results[places[i]];
    if (auto* failure = std::get_if<Failure>(&tokens[i])) {
      result = std::move(*failure);
    } else {
      std::get<EncodedImage>(result).tokens = std::get<EncodedImage>(std::move(tokens[i])).tokens;
    }
  }
}

}  // namespace tandem::indexing

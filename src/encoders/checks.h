// What both encoders share: batches, and checks of what a model returns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "core/at_place.h"
#include "tandem/model.h"
#include "tandem/text.h"

namespace tandem::encoders {

// Throws Cancelled if a stop was requested.
void check_stop(const std::stop_token& stop);

// Throws InvalidArgument for no model.
std::shared_ptr<const Model> require_model(std::shared_ptr<const Model> model);

// Throws Backend if a value is not finite; `input` names what it was computed from.
void require_finite(std::span<const float> values, const Model& model, const std::string& input);

// Throws Backend if the model answered a batch with another number of values than wanted.
void require_count(std::size_t found, std::size_t wanted, const Model& model);

// 'text 3 ("a red bicycle")', cut to a readable length; from 1, as messages count.
std::string name_text(std::size_t index, const Text& text);
// "picture 3 of 17".
std::string name_picture(std::size_t index, std::size_t count);

// What the model reads of a picture.
ImageInput to_input(const Model& model, const Image& image);
ImageInput to_input(const Model& model, const Picture& picture);

// Calls f(first, count) for consecutive batches of `total` inputs, unless a stop is requested.
template <typename F>
void for_each_batch(std::size_t total, std::size_t batch_size, const std::stop_token& stop, F f) {
  for (std::size_t first = 0; first < total; first += batch_size) {
    check_stop(stop);
    f(first, std::min(batch_size, total - first));
  }
}

// One part of what each of `pictures` (Image or Picture) becomes, checked, in order.
template <typename Pictures>
std::vector<Matrix> encode(const Model& model, Pictures pictures, Matrix EncodedImage::*part,
                           std::size_t batch_size, const std::stop_token& stop) {
  const ImageOutputs outputs{.embedding = part == &EncodedImage::embedding,
                             .tokens = part == &EncodedImage::tokens};
  std::vector<Matrix> result;
  result.reserve(pictures.size());
  for_each_batch(pictures.size(), batch_size, stop, [&](std::size_t first, std::size_t count) {
    std::vector<ImageInput> inputs;
    for (std::size_t i = first; i < first + count; ++i) {
      inputs.push_back(
          at_place(name_picture(i, pictures.size()), [&] { return to_input(model, pictures[i]); }));
    }
    std::vector<EncodedImage> encoded = model.encode_images(inputs, outputs);
    require_count(encoded.size(), count, model);
    for (EncodedImage& image : encoded) {
      Matrix& values = image.*part;
      require_finite({values.data(), values.size()}, model, name_picture(result.size(), pictures.size()));
      result.push_back(std::move(values));
    }
  });
  return result;
}

// The indices of `inputs`, ordered by length (ties in input order), so that a batch pads little.
template <typename Inputs, typename Length>
std::vector<std::size_t> order_by_length(const Inputs& inputs, Length length) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return length(inputs[i]); });
  return order;
}

}  // namespace tandem::encoders

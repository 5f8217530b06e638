// The names of the objects in a picture, as a sentence: what OSCAR calls object tags.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/efficient_net.h"

namespace tandem::models {

struct TaggerConfig {
  nn::EfficientNetConfig network;
  std::int64_t size = 0;  // side of the square picture that the network reads
  // What is subtracted from a value between 0 and 1 and what it is divided by: for the network, and in the
  // pixels that are given.
  std::array<float, 3> mean = {};
  std::array<float, 3> std = {};
  std::array<float, 3> picture_mean = {};
  std::array<float, 3> picture_std = {};
  std::int64_t count = 0;                         // tags of a picture
  std::vector<std::vector<std::int64_t>> labels;  // token ids of each class's name
  std::vector<std::int64_t> separator;            // token ids between two names
  std::int64_t bos = 0;
  std::int64_t eos = 0;
  std::int64_t max_tokens = 0;  // of a sentence, bos and eos included

  // Tokens of the longest sentence.
  std::int64_t longest_sentence() const;
};

class TaggerImpl : public torch::nn::Module {
 public:
  explicit TaggerImpl(const TaggerConfig& config);
  // pixels: batch × 3 × height × width, normalised. Returns batch × classes.
  at::Tensor logits(const at::Tensor& pixels) const;
  // The most probable classes as token ids, batch × tokens, int64, on the device of the pixels: bos, the
  // names with separators between them, the most probable first, eos, and -1 up to the longest sentence.
  at::Tensor forward(const at::Tensor& pixels) const;

 private:
  // `classes`: the most probable first. Only as many names as max_tokens has room for.
  std::vector<std::int64_t> sentence(std::span<const std::int64_t> classes) const;

  TaggerConfig config_;
  nn::EfficientNet network_ = nullptr;
  at::Tensor picture_mean_, picture_std_, mean_, std_;  // 3 × 1 × 1
};
TORCH_MODULE(Tagger);

}  // namespace tandem::models

// The part of the match that a text and a picture bring to it apart: a vector of each, and their cosine.
//
// It reads what the shared layers read, before them. So it knows where in the picture a token is, which a
// mean over tokens forgets, and since a pair costs it one product, it learns from all pairs of a batch.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "nn/dropout.h"
#include "nn/layers.h"

namespace tandem::models {

struct FactorHeadsConfig {
  std::int64_t reduced = 0;  // width of a grid token, of which all are read side by side
  std::int64_t hidden = 0;   // of the picture
  std::int64_t text_hidden = 0;
  std::int64_t width = 0;  // of the vectors
};

class FactorHeadsImpl : public nn::DroppingModule {
 public:
  FactorHeadsImpl(const FactorHeadsConfig& config, std::int64_t token_width, std::int64_t grid_tokens,
                  double eps);
  // means: texts × token width, the mean of each text's states. Returns texts × width, rows of length 1.
  at::Tensor texts(const at::Tensor& means) const;
  // tokens: pictures × tokens × token width: the grid, then the tags, of which there may be none. Returns
  // pictures × width, rows of length 1.
  at::Tensor images(const at::Tensor& tokens) const;
  // Of the cosine, in the logit.
  at::Tensor scale() const { return scale_; }

 private:
  std::int64_t grid_tokens_;
  nn::LayerNorm text_norm_ = nullptr;
  nn::Linear text_hidden_ = nullptr, text_out_ = nullptr;
  nn::Linear reduce_ = nullptr;
  nn::LayerNorm tag_norm_ = nullptr;
  nn::Linear image_hidden_ = nullptr, image_out_ = nullptr;
  at::Tensor scale_;
};
TORCH_MODULE(FactorHeads);

}  // namespace tandem::models

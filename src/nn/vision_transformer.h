// The vision transformer (ViT; Dosovitskiy et al., ICLR 2021): a picture as a sequence of patches.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "nn/layers.h"
#include "nn/transformer.h"

namespace tandem::nn {

struct VisionTransformerConfig {
  TransformerConfig transformer;
  std::int64_t image_size = 0;  // side of the square picture, in pixels
  std::int64_t patch_size = 0;  // side of a patch; what is left at the borders is not read
  std::int64_t channels = 3;
  bool class_token = true;  // a learnt token in front of the patches; SigLIP has none
  bool patch_bias = true;
  bool first_norm = false;  // a layer norm in front of the first layer, as in CLIP

  std::int64_t patches() const {
    const std::int64_t side = image_size / patch_size;
    return side * side;
  }
};

class VisionTransformerImpl : public torch::nn::Module {
 public:
  explicit VisionTransformerImpl(const VisionTransformerConfig& config);
  // pixels: batch × channels × image_size × image_size. Returns batch × (1 + patches) × width, class token
  // first where there is one, patches row by row, before any final norm (families differ in what they
  // normalise).
  at::Tensor forward(const at::Tensor& pixels) const;
  // The first token of each, batch × width.
  at::Tensor forward_first(const at::Tensor& pixels) const;
  // The same behind each of the last `count` layers.
  std::vector<at::Tensor> last_states(const at::Tensor& pixels, std::int64_t count) const;

 private:
  at::Tensor embed(const at::Tensor& pixels) const;

  std::int64_t patch_size_;
  at::Tensor class_token_;  // width; undefined without one
  at::Tensor positions_;    // (1 + patches) × width
  at::Tensor patch_weight_;
  at::Tensor patch_bias_;
  LayerNorm first_norm_ = nullptr;
  Transformer layers_ = nullptr;
};
TORCH_MODULE(VisionTransformer);

}  // namespace tandem::nn

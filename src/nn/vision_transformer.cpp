#include "nn/vision_transformer.h"

namespace tandem::nn {

VisionTransformerImpl::VisionTransformerImpl(const VisionTransformerConfig& config)
    : patch_size_(config.patch_size) {
  const std::int64_t width = config.transformer.width;
  if (config.class_token) class_token_ = register_parameter("class_token", torch::empty({width}));
  const std::int64_t tokens = config.patches() + (config.class_token ? 1 : 0);
  positions_ = register_parameter("positions", torch::empty({tokens, width}));
  patch_weight_ = register_parameter(
      "patch_weight", torch::empty({width, config.channels, config.patch_size, config.patch_size}));
  if (config.patch_bias) patch_bias_ = register_parameter("patch_bias", torch::empty({width}));
  if (config.first_norm) {
    first_norm_ = register_module("first_norm", LayerNorm(width, config.transformer.eps));
  }
  layers_ = register_module("layers", Transformer(config.transformer));
}

at::Tensor VisionTransformerImpl::embed(const at::Tensor& pixels) const {
  at::Tensor x = at::conv2d(pixels, patch_weight_, patch_bias_, patch_size_).flatten(2).transpose(1, 2);
  if (class_token_.defined()) x = at::cat({class_token_.expand({pixels.size(0), 1, -1}), x}, 1);
  x = x + positions_;
  if (!first_norm_.is_empty()) x = first_norm_->forward(x);
  return x;
}

at::Tensor VisionTransformerImpl::forward(const at::Tensor& pixels) const {
  return layers_->forward(embed(pixels));
}

at::Tensor VisionTransformerImpl::forward_first(const at::Tensor& pixels) const {
  return layers_->forward_first(embed(pixels));
}

std::vector<at::Tensor> VisionTransformerImpl::last_states(const at::Tensor& pixels,
                                                           std::int64_t count) const {
  return layers_->last_states(embed(pixels), count);
}

}  // namespace tandem::nn

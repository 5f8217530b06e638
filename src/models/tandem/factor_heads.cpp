#include "models/tandem/factor_heads.h"

#include <vector>

namespace tandem::models {

FactorHeadsImpl::FactorHeadsImpl(const FactorHeadsConfig& config, std::int64_t token_width,
                                 std::int64_t grid_tokens, double eps)
    : grid_tokens_(grid_tokens) {
  text_norm_ = register_module("text_norm", nn::LayerNorm(token_width, eps));
  text_hidden_ = register_module("text_hidden", nn::Linear(token_width, config.text_hidden));
  text_out_ = register_module("text_out", nn::Linear(config.text_hidden, config.width));
  reduce_ = register_module("reduce", nn::Linear(token_width, config.reduced));
  tag_norm_ = register_module("tag_norm", nn::LayerNorm(token_width, eps));
  const std::int64_t read = grid_tokens * config.reduced + token_width;
  image_hidden_ = register_module("image_hidden", nn::Linear(read, config.hidden));
  image_out_ = register_module("image_out", nn::Linear(config.hidden, config.width));
  scale_ = register_parameter("scale", torch::empty({}));
}

at::Tensor FactorHeadsImpl::texts(const at::Tensor& means) const {
  const at::Tensor hidden = at::gelu(text_hidden_->forward(text_norm_->forward(means)));
  return nn::normalize_rows(text_out_->forward(drop(hidden)));
}

at::Tensor FactorHeadsImpl::images(std::span<const at::Tensor> tokens) const {
  std::vector<at::Tensor> grids, tags;
  for (const at::Tensor& one : tokens) {
    grids.push_back(one.slice(0, 0, grid_tokens_));
    const at::Tensor words = one.slice(0, grid_tokens_);
    // A picture without tags says nothing here: zeros behind the norm.
    tags.push_back(words.size(0) > 0 ? tag_norm_->forward(words.mean(0)) : at::zeros_like(one[0]));
  }
  const at::Tensor read = at::cat({reduce_->forward(at::stack(grids)).flatten(1), at::stack(tags)}, 1);
  return nn::normalize_rows(image_out_->forward(drop(at::gelu(image_hidden_->forward(drop(read))))));
}

}  // namespace tandem::models

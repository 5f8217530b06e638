#include "models/tandem/factor_heads.h"

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

at::Tensor FactorHeadsImpl::images(const at::Tensor& tokens) const {
  const at::Tensor words = tokens.slice(1, grid_tokens_);
  // A picture without tags says nothing here: zeros behind the norm.
  const at::Tensor tags =
      words.size(1) > 0 ? tag_norm_->forward(words.mean(1)) : at::zeros_like(tokens.select(1, 0));
  const at::Tensor read = at::cat({reduce_->forward(tokens.slice(1, 0, grid_tokens_)).flatten(1), tags}, 1);
  return nn::normalize_rows(image_out_->forward(drop(at::gelu(image_hidden_->forward(drop(read))))));
}

}  // namespace tandem::models

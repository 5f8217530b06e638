#include "nn/attention_pooling.h"

#include "nn/attention.h"

namespace tandem::nn {

AttentionPoolingImpl::AttentionPoolingImpl(const TransformerConfig& config)
    : heads_(config.heads), activation_(config.activation) {
  const std::int64_t width = config.width;
  probe_ = register_parameter("probe", torch::empty({width}));
  qkv_ = register_module("qkv", Linear(width, 3 * width));
  output_ = register_module("output", Linear(width, width));
  norm_ = register_module("norm", LayerNorm(width, config.eps));
  up_ = register_module("up", Linear(width, config.hidden));
  down_ = register_module("down", Linear(config.hidden, width));
}

at::Tensor AttentionPoolingImpl::forward(const at::Tensor& x) const {
  const std::int64_t width = probe_.size(0);
  const at::Tensor query = at::linear(probe_.expand({x.size(0), 1, -1}), qkv_->weight.slice(0, 0, width),
                                      qkv_->bias.slice(0, 0, width));
  const auto parts = at::linear(x, qkv_->weight.slice(0, width), qkv_->bias.slice(0, width)).chunk(2, -1);
  const at::Tensor pooled = output_->forward(attend(query, parts[0], parts[1], heads_)).squeeze(1);
  return pooled + down_->forward(activate(activation_, up_->forward(norm_->forward(pooled))));
}

}  // namespace tandem::nn

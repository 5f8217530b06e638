#include "models/blip2/q_former.h"

#include <string>

namespace tandem::models {

QFormerFeedForwardImpl::QFormerFeedForwardImpl(const nn::TransformerConfig& config)
    : activation_(config.activation) {
  up_ = register_module("up", nn::Linear(config.width, config.hidden));
  down_ = register_module("down", nn::Linear(config.hidden, config.width));
  norm_ = register_module("norm", nn::LayerNorm(config.width, config.eps));
}

at::Tensor QFormerFeedForwardImpl::forward(const at::Tensor& x) const {
  return norm_->forward(x + down_->forward(nn::activate(activation_, up_->forward(x))));
}

QFormerLayerImpl::QFormerLayerImpl(const nn::TransformerConfig& config, bool looks_at_picture) {
  const std::int64_t width = config.width;
  attention_ = register_module("attention", nn::SelfAttention(width, config.heads));
  norm1_ = register_module("norm1", nn::LayerNorm(width, config.eps));
  if (looks_at_picture) {
    cross_ = register_module("cross", nn::CrossAttention(width, config.memory_width, config.heads));
    norm_cross_ = register_module("norm_cross", nn::LayerNorm(width, config.eps));
  }
  for_text_ = register_module("for_text", QFormerFeedForward(config));
  for_queries_ = register_module("for_queries", QFormerFeedForward(config));
}

at::Tensor QFormerLayerImpl::forward(const at::Tensor& x, std::int64_t queries,
                                     const at::Tensor& memory) const {
  const at::Tensor y = norm1_->forward(x + attention_->forward(x));
  if (queries == 0) return for_text_->forward(y);
  at::Tensor q = y.slice(1, 0, queries);
  if (!cross_.is_empty()) q = norm_cross_->forward(q + cross_->forward(q, memory));
  q = for_queries_->forward(q);
  if (queries == y.size(1)) return q;
  return at::cat({q, for_text_->forward(y.slice(1, queries))}, 1);
}

QFormerImpl::QFormerImpl(const QFormerConfig& config) {
  norm_ = register_module("norm", nn::LayerNorm(config.transformer.width, config.transformer.eps));
  for (std::int64_t i = 0; i < config.transformer.layers; ++i) {
    const bool looks_at_picture = i % config.cross_every == 0;
    layers_.push_back(register_module(std::to_string(i), QFormerLayer(config.transformer, looks_at_picture)));
  }
}

at::Tensor QFormerImpl::forward(const at::Tensor& x, std::int64_t queries, const at::Tensor& memory) const {
  at::Tensor y = norm_->forward(x);
  for (const auto& layer : layers_) y = layer->forward(y, queries, memory);
  return y;
}

}  // namespace tandem::models

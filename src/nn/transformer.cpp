#include "nn/transformer.h"

namespace tandem::nn {

TransformerLayerImpl::TransformerLayerImpl(const TransformerConfig& config)
    : pre_norm_(config.pre_norm), activation_(config.activation) {
  const std::int64_t width = config.width;
  attention_ =
      register_module("attention", SelfAttention(width, config.heads, config.causal, config.qkv_bias));
  norm1_ = register_module("norm1", LayerNorm(width, config.eps));
  if (config.memory_width > 0) {
    TORCH_CHECK(!config.pre_norm, "cross-attention is written for post-norm layers");
    cross_ = register_module("cross", CrossAttention(width, config.memory_width, config.heads));
    norm_cross_ = register_module("norm_cross", LayerNorm(width, config.eps));
  }
  up_ = register_module("up", Linear(width, config.hidden));
  down_ = register_module("down", Linear(config.hidden, width));
  norm2_ = register_module("norm2", LayerNorm(width, config.eps));
  if (config.layer_scale) {
    scale1_ = register_parameter("scale1", torch::empty({width}));
    scale2_ = register_parameter("scale2", torch::empty({width}));
  }
}

at::Tensor TransformerLayerImpl::forward(const at::Tensor& x, const Memory& memory) const {
  return behind_attention(x, attention_->forward(read(x)), memory);
}

at::Tensor TransformerLayerImpl::forward_first(const at::Tensor& x, const Memory& memory) const {
  return behind_attention(x.slice(1, 0, 1), attention_->forward_first(read(x)), memory);
}

at::Tensor TransformerLayerImpl::forward_packed(const at::Tensor& rows, std::span<const Run> runs) const {
  return behind_attention(rows, attention_->forward_packed(read(rows), runs), {});
}

at::Tensor TransformerLayerImpl::behind_attention(const at::Tensor& x, const at::Tensor& attended,
                                                  const Memory& memory) const {
  const auto scaled = [this](const at::Tensor& branch, const at::Tensor& scale) {
    return drop(scale.defined() ? branch * scale : branch);
  };
  if (pre_norm_) {
    const at::Tensor y = x + scaled(attended, scale1_);
    return y + scaled(feed_forward(norm2_->forward(y)), scale2_);
  }
  at::Tensor y = norm1_->forward(x + scaled(attended, scale1_));
  if (memory.defined()) y = norm_cross_->forward(y + drop(cross_->forward(y, memory)));
  return norm2_->forward(y + scaled(feed_forward(y), scale2_));
}

at::Tensor TransformerLayerImpl::feed_forward(const at::Tensor& x) const {
  if (up_->int8().defined()) return up_->int8().multiply(x, activation_, down_->int8());
  return down_->forward(activate(activation_, up_->forward(x)));
}

void TransformerLayerImpl::set_precision(Precision precision) {
  attention_->set_precision(precision);
  if (cross_) cross_->set_precision(precision);
  up_->set_precision(precision);
  down_->set_precision(precision);
}

TransformerImpl::TransformerImpl(const TransformerConfig& config) : config_(config) {
  for (std::int64_t i = 0; i < config.layers; ++i) {
    layers_.push_back(register_module(std::to_string(i), TransformerLayer(config)));
  }
}

at::Tensor TransformerImpl::forward(const at::Tensor& x, const Memory& memory) const {
  return run(x, layers_.front()->convert(memory), layers_.size());
}

at::Tensor TransformerImpl::forward_first(const at::Tensor& x, const Memory& memory) const {
  const Memory read = layers_.front()->convert(memory);
  return layers_.back()->forward_first(run(x, read, layers_.size() - 1), read).select(1, 0);
}

at::Tensor TransformerImpl::run(at::Tensor x, const Memory& memory, std::size_t count) const {
  for (std::size_t i = 0; i < count; ++i) x = layers_[i]->forward(x, memory);
  return x;
}

at::Tensor TransformerImpl::forward_packed(const at::Tensor& rows, std::span<const Run> runs) const {
  return forward_packed_above(0, rows, runs);
}

at::Tensor TransformerImpl::forward_packed_below(std::int64_t count, const at::Tensor& rows,
                                                 std::span<const Run> runs) const {
  at::Tensor x = rows;
  for (std::int64_t i = 0; i < count; ++i) x = layers_[static_cast<std::size_t>(i)]->forward_packed(x, runs);
  return x;
}

at::Tensor TransformerImpl::forward_packed_above(std::int64_t count, const at::Tensor& rows,
                                                 std::span<const Run> runs) const {
  at::Tensor x = rows;
  for (std::int64_t i = count; i < std::ssize(layers_); ++i) {
    x = layers_[static_cast<std::size_t>(i)]->forward_packed(x, runs);
  }
  return x;
}

void TransformerImpl::set_precision(Precision precision) {
  for (TransformerLayer& layer : layers_) layer->set_precision(precision);
}

std::shared_ptr<TransformerImpl> TransformerImpl::copy_above(std::int64_t count) const {
  TransformerConfig config = config_;
  config.layers -= count;
  auto copy = std::make_shared<TransformerImpl>(config);
  for (std::size_t i = 0; i < copy->layers_.size(); ++i) {
    const auto from = layers_[i + static_cast<std::size_t>(count)]->named_parameters();
    for (auto& item : copy->layers_[i]->named_parameters()) item.value().set_data(from[item.key()].data());
  }
  return copy;
}

std::vector<at::Tensor> TransformerImpl::last_states(at::Tensor x, std::int64_t count) const {
  std::vector<at::Tensor> states;
  const std::size_t first = layers_.size() - static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = layers_[i]->forward(x);
    if (i >= first) states.push_back(x);
  }
  return states;
}

}  // namespace tandem::nn

#include "nn/attention.h"

namespace tandem::nn {
namespace {

// batch × tokens × width -> batch × heads × tokens × width per head
at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

}  // namespace

SelfAttentionImpl::SelfAttentionImpl(std::int64_t width, std::int64_t heads, bool causal)
    : heads_(heads), causal_(causal) {
  qkv_ = register_module("qkv", Linear(width, 3 * width));
  output_ = register_module("output", Linear(width, width));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x) const {
  const auto parts = qkv_->forward(x).chunk(3, -1);
  const auto attended = at::scaled_dot_product_attention(
      split_heads(parts[0], heads_), split_heads(parts[1], heads_), split_heads(parts[2], heads_),
      /*attn_mask=*/{}, /*dropout_p=*/0.0, causal_);
  return output_->forward(merge_heads(attended));
}

CrossAttentionImpl::CrossAttentionImpl(std::int64_t width, std::int64_t memory_width, std::int64_t heads)
    : heads_(heads) {
  query_ = register_module("query", Linear(width, width));
  key_value_ = register_module("key_value", Linear(memory_width, 2 * width));
  output_ = register_module("output", Linear(width, width));
}

at::Tensor CrossAttentionImpl::forward(const at::Tensor& x, const at::Tensor& memory) const {
  const auto parts = key_value_->forward(memory).chunk(2, -1);
  const auto attended = at::scaled_dot_product_attention(
      split_heads(query_->forward(x), heads_), split_heads(parts[0], heads_), split_heads(parts[1], heads_));
  return output_->forward(merge_heads(attended));
}

}  // namespace tandem::nn

#include "nn/attention.h"

namespace tandem::nn {
namespace {

// batch × tokens × width -> batch × heads × tokens × width per head
at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

at::Tensor merge_heads(const at::Tensor& x) { return x.transpose(1, 2).flatten(2); }

}  // namespace

at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, std::int64_t heads,
                  bool causal, double dropout) {
  return merge_heads(at::scaled_dot_product_attention(split_heads(query, heads), split_heads(key, heads),
                                                      split_heads(value, heads), /*attn_mask=*/{}, dropout,
                                                      causal));
}

SelfAttentionImpl::SelfAttentionImpl(std::int64_t width, std::int64_t heads, bool causal, bool qkv_bias)
    : heads_(heads), causal_(causal) {
  qkv_ = register_module("qkv", Linear(width, 3 * width, qkv_bias));
  output_ = register_module("output", Linear(width, width));
}

at::Tensor SelfAttentionImpl::forward(const at::Tensor& x) const {
  return output_->forward(attend_within(qkv_->forward(x)));
}

at::Tensor SelfAttentionImpl::forward_packed(const at::Tensor& rows, std::span<const Run> runs) const {
  std::vector<at::Tensor> parts = unpack(qkv_->forward(rows), runs);
  for (at::Tensor& part : parts) part = attend_within(part);
  return output_->forward(pack(parts));
}

at::Tensor SelfAttentionImpl::attend_within(const at::Tensor& qkv) const {
  const auto parts = qkv.chunk(3, -1);
  return attend(parts[0], parts[1], parts[2], heads_, causal_, dropout());
}

CrossAttentionImpl::CrossAttentionImpl(std::int64_t width, std::int64_t memory_width, std::int64_t heads)
    : heads_(heads) {
  query_ = register_module("query", Linear(width, width));
  key_value_ = register_module("key_value", Linear(memory_width, 2 * width));
  output_ = register_module("output", Linear(width, width));
}

at::Tensor CrossAttentionImpl::forward(const at::Tensor& x, const at::Tensor& memory) const {
  const auto parts = key_value_->forward(memory).chunk(2, -1);
  return output_->forward(
      attend(query_->forward(x), parts[0], parts[1], heads_, /*causal=*/false, dropout()));
}

}  // namespace tandem::nn

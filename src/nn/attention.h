// Multi-head attention: within one sequence, and from one sequence to another.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>

#include "nn/dropout.h"
#include "nn/layers.h"
#include "nn/packing.h"

namespace tandem::nn {

// Scaled dot-product attention by `heads` equal parts of the width. query: batch × tokens × width; key and
// value: batch × other tokens × width, no padding. Causal: a token sees only those before it. `dropout`: of
// the weights of the values.
at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, std::int64_t heads,
                  bool causal = false, double dropout = 0);

// Queries, keys and values of one sequence by one matrix (in this order).
class SelfAttentionImpl : public DroppingModule {
 public:
  SelfAttentionImpl(std::int64_t width, std::int64_t heads, bool causal = false, bool qkv_bias = true);
  // batch × tokens × width, no padding.
  at::Tensor forward(const at::Tensor& x) const;
  // rows × width, of sequences of several lengths.
  at::Tensor forward_packed(const at::Tensor& rows, std::span<const Run> runs) const;

 private:
  at::Tensor attend_within(const at::Tensor& qkv) const;

  std::int64_t heads_;
  bool causal_;
  Linear qkv_ = nullptr;
  Linear output_ = nullptr;
};
TORCH_MODULE(SelfAttention);

// Queries of `x`, keys and values (one matrix, in this order) of `memory`.
class CrossAttentionImpl : public DroppingModule {
 public:
  CrossAttentionImpl(std::int64_t width, std::int64_t memory_width, std::int64_t heads);
  // x: batch × tokens × width; memory: batch × memory tokens × memory_width, no padding.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& memory) const;

 private:
  std::int64_t heads_;
  Linear query_ = nullptr;
  Linear key_value_ = nullptr;
  Linear output_ = nullptr;
};
TORCH_MODULE(CrossAttention);

}  // namespace tandem::nn

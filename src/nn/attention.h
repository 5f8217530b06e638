// Multi-head attention: within one sequence, and from one sequence to another.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <utility>

#include "nn/bf16_memory.h"
#include "nn/dropout.h"
#include "nn/int8_memory.h"
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
  // What becomes of the first token alone, which sees all: batch × 1 × width.
  at::Tensor forward_first(const at::Tensor& x) const;
  // rows × width, of sequences of several lengths.
  at::Tensor forward_packed(const at::Tensor& rows, std::span<const Run> runs) const;

  void set_precision(Precision precision);

 private:
  at::Tensor attend_within(const at::Tensor& qkv) const;
  // The same of all sequences in one operation, which CUDA has.
  at::Tensor attend_at_once(const at::Tensor& qkv, std::span<const Run> runs) const;

  std::int64_t heads_;
  bool causal_;
  Linear qkv_ = nullptr;
  Linear output_ = nullptr;
};
TORCH_MODULE(SelfAttention);

// What cross-attention reads: batch × tokens × width, no padding.
struct Memory {
  Memory() = default;                                       // none
  Memory(at::Tensor tensor) : tokens(std::move(tensor)) {}  // NOLINT(google-explicit-constructor)
  bool defined() const { return tokens.defined(); }

  at::Tensor tokens;
  Int8Memory int8;  // the same in 8 bits, where that is read
  Bf16Memory bf16;  // or in tiles of bf16
};

// Queries of `x`, keys and values (one matrix, in this order) of `memory`.
class CrossAttentionImpl : public DroppingModule {
 public:
  CrossAttentionImpl(std::int64_t width, std::int64_t memory_width, std::int64_t heads);
  // x: batch × tokens × width, or 1 × tokens × width, which is read with each memory. Returns batch × tokens
  // × width, in the way that costs less: by forward_projected() where gradients are wanted.
  at::Tensor forward(const at::Tensor& x, const Memory& memory) const;
  // The textbook's way: keys and values of all memory tokens, which costs
  // 4 · memory tokens · memory_width · width operations for each memory.
  at::Tensor forward_projected(const at::Tensor& x, const Memory& memory) const;
  // The same but for rounding, without keys or values: the keys' matrix is applied to the queries instead
  // (the keys' bias adds the same to all scores of a query, which the softmax forgets), and the values' to
  // the weighted mean of the memory (weights sum to one, so that their bias is added once). Costs
  // 4 · tokens · heads · memory tokens · memory_width operations for each memory.
  at::Tensor forward_absorbed(const at::Tensor& x, const Memory& memory) const;
  bool absorbs(std::int64_t tokens, std::int64_t memory_tokens) const;

  void set_precision(Precision precision);
  // The memory as it is read in this precision, so that one conversion serves several layers.
  Memory convert(const Memory& memory) const;

 private:
  // queries: batch × heads × tokens × memory_width; returns as many.
  at::Tensor attend_absorbed(const at::Tensor& queries, const Memory& memory, double scale) const;

  std::int64_t heads_;
  Linear query_ = nullptr;
  Linear key_value_ = nullptr;
  Linear output_ = nullptr;
  bool reads_int8_ = false;
  bool reads_tiles_ = false;
};
TORCH_MODULE(CrossAttention);

}  // namespace tandem::nn

// What cross-attention reads, in 8 bits.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "nn/int8_rows.h"

namespace tandem::nn {

// One scale for each token. Queries and weights are brought to 8 bits while it is read, with one scale for
// each of their rows; products are summed in whole numbers, all else is float32. What becomes of a memory
// does not depend on those beside it. For processors that multiplies_bytes() is true of: on others the sums
// overflow.
class Int8Memory {
 public:
  Int8Memory() = default;
  // tokens: batch × tokens × width, float32, finite.
  explicit Int8Memory(const at::Tensor& tokens);

  bool defined() const { return tokens_.steps.defined(); }
  // Scaled dot-product attention in which a token is its own key and value. queries: batch × heads × queries
  // × width, float32, of any strides but for a row, whose values lie side by side. Returns as many, which lie
  // head by head: contiguous as heads × batch × queries × width.
  at::Tensor attend(const at::Tensor& queries, double scale) const;

 private:
  // queries, out: heads × queries × width.
  void attend_one(std::int64_t memory, const at::Tensor& queries, double scale, const at::Tensor& out) const;

  Int8Rows tokens_;  // batch × tokens × width, with a sign
};

}  // namespace tandem::nn

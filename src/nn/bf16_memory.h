// What cross-attention reads, in tiles of bf16.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tandem::nn {

// Laid out once, for all layers, as the processor multiplies it. Scores, softmax and sums are float32. What
// becomes of a memory does not depend on those beside it. For processors that multiplies_bf16_tiles() is true
// of, and a width that fits() is true of.
class Bf16Memory {
 public:
  static bool fits(std::int64_t width);

  Bf16Memory() = default;
  // tokens: batch × tokens × width, bf16.
  explicit Bf16Memory(const at::Tensor& tokens);

  bool defined() const { return keys_.defined(); }
  // Scaled dot-product attention in which a token is its own key and value; `scale`: above 0. queries: batch
  // × heads × queries × width, bf16, of any strides but for a row, whose values lie side by side. Returns as
  // many, bf16, which lie head by head: contiguous as heads × batch × queries × width.
  at::Tensor attend(const at::Tensor& queries, double scale) const;

 private:
  std::int64_t length_ = 0;  // tokens, without those that fill the last panel
  // Pairs of bf16 as whole numbers of 32 bits.
  at::Tensor keys_;    // batch × panels of tokens × pairs of the width × tokens of a panel
  at::Tensor values_;  // batch × panels of the width × pairs of tokens × width of a panel
};

}  // namespace tandem::nn

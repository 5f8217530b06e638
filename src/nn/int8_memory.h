// What cross-attention reads, in 8 bits.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "nn/packed_bytes.h"

namespace tandem::nn {

// One scale for each token. Queries and weights are brought to 8 bits while it is read (7 on some processors:
// byte_range()), with one scale for each of their rows; products are summed in whole numbers, all else is
// float32. What becomes of a memory does not depend on those beside it.
class Int8Memory {
 public:
  Int8Memory() = default;
  // tokens: batch × tokens × width, float32, finite.
  explicit Int8Memory(const at::Tensor& tokens);

  bool defined() const { return !memories_.empty(); }
  // Scaled dot-product attention in which a token is its own key and value. queries: batch × heads × queries
  // × width, float32, of any strides but for a row, whose values lie side by side. Returns as many, which lie
  // head by head: contiguous as heads × batch × queries × width.
  at::Tensor attend(const at::Tensor& queries, double scale) const;

 private:
  struct Tokens {
    PackedBytes keys;    // tokens × width
    PackedBytes values;  // width × tokens, without the scales of the tokens
    at::Tensor scales;   // of each token
  };
  // queries, out: heads × queries × width.
  static void attend_one(const Tokens& tokens, const at::Tensor& queries, double scale,
                         const at::Tensor& out);

  std::vector<Tokens> memories_;
};

}  // namespace tandem::nn

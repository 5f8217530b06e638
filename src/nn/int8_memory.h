// What cross-attention reads, in 8 bits.
#pragma once

#include <torch/torch.h>

#include <cstdint>

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

  bool defined() const { return steps_.defined(); }
  // Scaled dot-product attention in which a token is its own key and value. queries: batch × any × width,
  // float32. Returns batch × any × width.
  at::Tensor attend(const at::Tensor& queries, double scale) const;

 private:
  // queries: any × width; `out`: as many values.
  void attend_one(std::int64_t memory, const at::Tensor& queries, double scale, float* out) const;

  at::Tensor steps_;   // batch × tokens × width, int8
  at::Tensor scales_;  // batch × tokens: what a step stands for
};

}  // namespace tandem::nn

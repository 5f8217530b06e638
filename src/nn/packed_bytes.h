// Products of whole numbers of 8 bits.
#pragma once

#include <torch/torch.h>

#include "nn/int8_rows.h"

namespace tandem::nn {

// The factor of a product that several others are multiplied with, laid out for it. The product is oneDNN's,
// in whole numbers; or one of float32 with the same result but for rounding, for processors that have no
// instructions for bytes.
class PackedBytes {
 public:
  PackedBytes() = default;
  // steps: out × in, of kSignedBytes, contiguous; scales: out, float32: what a step stands for.
  PackedBytes(const at::Tensor& steps, at::Tensor scales, bool by_bytes = multiplies_bytes());

  bool defined() const { return steps_.defined(); }
  std::int64_t out() const { return scales_.size(0); }
  // x: rows × in, of byte_range() or positive_byte_range(). Returns the product of its steps, without their
  // scales, and the transposed of this, with its own: rows × out, float32.
  at::Tensor multiply(const Int8Rows& x) const;

 private:
  bool by_bytes_ = false;
  at::Tensor steps_;   // in oneDNN's own layout, or as float32
  at::Tensor scales_;  // out
  at::Tensor zeros_;   // out: the zero points, which are all 0
};

}  // namespace tandem::nn

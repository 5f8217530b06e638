// Products with a matrix of int8 weights.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "nn/activation.h"
#include "nn/int8_rows.h"
#include "nn/packed_bytes.h"

namespace tandem::nn {

// Symmetric, with one scale for each output; the rows that it is multiplied with are brought to byte_range()
// while it computes, with one scale for each row, so that a row's result does not depend on the rows beside
// it. Off by some 1 % of the length of a result on activations of transformers, by up to twice as much where
// that is 7 bits.
class Int8Matrix {
 public:
  Int8Matrix() = default;
  // weight: out × in, float32, finite; bias: out, or undefined. `by_bytes`: multiply bytes as such.
  Int8Matrix(const at::Tensor& weight, const at::Tensor& bias, bool by_bytes = multiplies_bytes());

  bool defined() const { return weight_.defined(); }
  // x: any × in, of any floating type. Returns any × out, float32: x · weightᵀ + bias.
  at::Tensor multiply(const at::Tensor& x) const;
  // The product of `next` with the activated one of this; what comes between them stays in a thread's cache.
  at::Tensor multiply(const at::Tensor& x, Activation activation, const Int8Matrix& next) const;

 private:
  std::int64_t out() const { return weight_.out(); }
  // x: rows × in; `result`: rows × out, float32.
  void multiply_rows(const Int8Rows& x, float* result) const;
  Int8Rows multiply_rows(const Int8Rows& x, Activation activation) const;
  const float* bias() const { return bias_.defined() ? bias_.data_ptr<float>() : nullptr; }

  PackedBytes weight_;
  at::Tensor bias_;  // float32
};

}  // namespace tandem::nn

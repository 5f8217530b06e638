// Products with a matrix of int8 weights.
#pragma once

#include <torch/torch.h>

#include "nn/int8_rows.h"

namespace tandem::nn {

// Symmetric, with one scale for each output; the rows that it is multiplied with are brought to 8 bits while
// it computes, with one scale for each row, so that a row's result does not depend on the rows beside it. Off
// by some 1 % of the length of a result on activations of transformers. The product itself is oneDNN's, in
// whole numbers, where the processor has instructions for it (VNNI); elsewhere it is one of float32, with the
// same result but for rounding, and slower than without the steps between.
class Int8Matrix {
 public:
  Int8Matrix() = default;
  // weight: out × in, float32, finite. `by_bytes`: multiply bytes as such.
  explicit Int8Matrix(const at::Tensor& weight, bool by_bytes = multiplies_bytes());

  bool defined() const { return weight_.defined(); }
  // x: any × in, of any floating type; bias: out, or undefined. Returns any × out, float32: x · weightᵀ +
  // bias.
  at::Tensor multiply(const at::Tensor& x, const at::Tensor& bias) const;

 private:
  // x: rows × in.
  at::Tensor multiply_rows(const at::Tensor& x, const at::Tensor& bias) const;
  // steps · weightᵀ in whole numbers, as float32; times the scales of the weight.
  at::Tensor product_of(const at::Tensor& steps) const;

  bool by_bytes_ = false;
  at::Tensor weight_;  // in oneDNN's own layout, or steps as float32
  at::Tensor scales_;  // out
  at::Tensor zeros_;   // out: the weights' zero points, which symmetry leaves at 0
};

}  // namespace tandem::nn

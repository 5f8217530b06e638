// Products with a matrix of bf16 weights.
#pragma once

#include <torch/torch.h>

namespace tandem::nn {

// Whether the processor multiplies tiles of bf16 (AMX). Others multiply them no faster than float32.
bool multiplies_bf16_tiles();

// Weights in the layout that oneDNN multiplies in, so that they are brought to it once and not by each
// product. For processors that multiplies_bf16_tiles() is true of.
class Bf16Matrix {
 public:
  Bf16Matrix() = default;
  // weight: out × in, bf16; bias: out, bf16, or undefined.
  Bf16Matrix(const at::Tensor& weight, const at::Tensor& bias);

  bool defined() const { return weight_.defined(); }
  // x: any × in, bf16. Returns any × out, bf16: x · weightᵀ + bias, summed in float32.
  at::Tensor multiply(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  // opaque
  at::Tensor bias_;
};

}  // namespace tandem::nn

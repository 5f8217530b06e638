// Products of few rows with a matrix: what a sentence is to a transformer.
//
// Free functions.
#pragma once

#include <torch/torch.h>

namespace tandem::nn {

// Whether `x` (any × in) has so few rows that multiply_few_rows() is faster than at::linear() on this
// processor.
bool has_few_rows(const at::Tensor& x);
// weight: out × in; bias: out, or undefined; all float32 in memory of the CPU, `x` as has_few_rows() found
// it. Returns x · weightᵀ + bias. The matrix is read once, as it lies. Sums are made in one order, so that a
// row's result does not depend on the rows beside it. Without gradients.
at::Tensor multiply_few_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace tandem::nn

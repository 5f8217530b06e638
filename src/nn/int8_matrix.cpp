#include "nn/int8_matrix.h"

#include <cstdint>
#include <limits>

#include "nn/int8_rows.h"
#include "nn/row_blocks.h"

namespace tandem::nn {
Int8Matrix::Int8Matrix(const at::Tensor& weight, const at::Tensor& bias, bool by_bytes) {
  const at::Tensor largest = weight.abs().amax(1).clamp_min(std::numeric_limits<float>::min());
  const at::Tensor steps = at::round(weight / largest.unsqueeze(1) * kSignedBytes.steps);
  weight_ = PackedBytes(steps.to(kSignedBytes.type), largest / kSignedBytes.steps, by_bytes);
  if (bias.defined()) bias_ = bias.to(at::kFloat).contiguous();
}

at::Tensor Int8Matrix::multiply(const at::Tensor& x) const {
  return by_row_blocks(x, out(), [&](const at::Tensor& rows, float* result) {
    multiply_rows(Int8Rows(rows.to(at::kFloat), byte_range()), result);
  });
}

at::Tensor Int8Matrix::multiply(const at::Tensor& x, Activation activation, const Int8Matrix& next) const {
  return by_row_blocks(x, next.out(), [&](const at::Tensor& rows, float* result) {
    next.multiply_rows(multiply_rows(Int8Rows(rows.to(at::kFloat), byte_range()), activation), result);
  });
}

void Int8Matrix::multiply_rows(const Int8Rows& x, float* result) const {
  const at::Tensor product = weight_.multiply(x);
  for_each_row(product.size(0), [&](std::int64_t i) {
    scale_row(product.data_ptr<float>() + i * out(), x.scale(i), bias(), out(), result + i * out());
  });
}

Int8Rows Int8Matrix::multiply_rows(const Int8Rows& x, Activation activation) const {
  const at::Tensor product = weight_.multiply(x);
  Int8Rows activated(product.sizes(), x.range());
  for_each_row(product.size(0), [&](std::int64_t i) {
    float* const row = product.data_ptr<float>() + i * out();
    scale_row(row, x.scale(i), bias(), out(), row);
    activate_row(activation, row, out());
    activated.set(i, row);
  });
  return activated;
}

}  // namespace tandem::nn

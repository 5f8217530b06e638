#include "nn/int8_matrix.h"

#include <cstdint>
#include <limits>

#include "core/vectorised.h"
#include "nn/call_operator.h"
#include "nn/int8_rows.h"
#include "nn/row_blocks.h"

namespace tandem::nn {
namespace {

constexpr std::int32_t kZero = 128;  // rows are stored without signs

// `bias`: null for none.
TANDEM_VECTORISED void scale(const float* row, float factor, const float* bias, std::int64_t width,
                             float* result) {
  for (std::int64_t i = 0; i < width; ++i) result[i] = row[i] * factor + (bias != nullptr ? bias[i] : 0);
}

}  // namespace

Int8Matrix::Int8Matrix(const at::Tensor& weight, const at::Tensor& bias, bool by_bytes)
    : by_bytes_(by_bytes) {
  const at::Tensor largest = weight.abs().amax(1).clamp_min(std::numeric_limits<float>::min());
  const at::Tensor steps = at::round(weight / largest.unsqueeze(1) * kInt8Steps);
  weight_ =
      by_bytes_ ? call_operator("onednn::qlinear_prepack", {steps.to(at::kChar), c10::IValue()}) : steps;
  if (bias.defined()) bias_ = bias.to(at::kFloat).contiguous();
  scales_ = largest / kInt8Steps;
  zeros_ = at::zeros({weight.size(0)}, at::kInt);
}

at::Tensor Int8Matrix::multiply(const at::Tensor& x) const {
  return by_row_blocks(x, out(), [&](const at::Tensor& rows, float* result) {
    multiply_rows(quantise(rows.to(at::kFloat), kZero), result);
  });
}

at::Tensor Int8Matrix::multiply(const at::Tensor& x, Activation activation, const Int8Matrix& next) const {
  return by_row_blocks(x, next.out(), [&](const at::Tensor& rows, float* result) {
    next.multiply_rows(multiply_rows(quantise(rows.to(at::kFloat), kZero), activation), result);
  });
}

void Int8Matrix::multiply_rows(const Int8Rows& x, float* result) const {
  const at::Tensor product = product_of(x.steps);
  for_each_row(product.size(0), [&](std::int64_t i) {
    scale(product.data_ptr<float>() + i * out(), x.scale(i), bias(), out(), result + i * out());
  });
}

Int8Rows Int8Matrix::multiply_rows(const Int8Rows& x, Activation activation) const {
  const at::Tensor product = product_of(x.steps);
  Int8Rows activated = make_int8_rows(product.sizes(), kZero);
  for_each_row(product.size(0), [&](std::int64_t i) {
    float* const row = product.data_ptr<float>() + i * out();
    scale(row, x.scale(i), bias(), out(), row);
    activate_row(activation, row, out());
    activated.scale(i) = quantise_row(row, out(), kZero, activated.row(i));
  });
  return activated;
}

at::Tensor Int8Matrix::product_of(const at::Tensor& steps) const {
  if (!by_bytes_) return at::linear(steps.to(at::kFloat).sub_(kZero), weight_).mul_(scales_);
  return call_operator("onednn::qlinear_pointwise",
                       {steps, 1.0, std::int64_t{kZero}, weight_, scales_, zeros_, c10::IValue(), 1.0,
                        std::int64_t{0}, at::kFloat, "none", c10::List<std::optional<at::Scalar>>(), ""});
}

}  // namespace tandem::nn

#include "nn/int8_matrix.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "core/vectorised.h"
#include "nn/int8_rows.h"
#include "nn/row_blocks.h"

namespace tandem::nn {
namespace {

constexpr std::int32_t kZero = 128;  // of a row, whose values are stored without signs

at::Tensor call(const char* name, std::vector<c10::IValue> arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.front().toTensor();
}

// `bias`: null for none.
TANDEM_VECTORISED void scale(float* row, float factor, const float* bias, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) row[i] = row[i] * factor + (bias != nullptr ? bias[i] : 0);
}

}  // namespace

Int8Matrix::Int8Matrix(const at::Tensor& weight, bool by_bytes) : by_bytes_(by_bytes) {
  const at::Tensor largest = weight.abs().amax(1).clamp_min(std::numeric_limits<float>::min());
  const at::Tensor steps = at::round(weight / largest.unsqueeze(1) * kInt8Steps);
  weight_ = by_bytes_ ? call("onednn::qlinear_prepack", {steps.to(at::kChar), c10::IValue()}) : steps;
  scales_ = largest / kInt8Steps;
  zeros_ = at::zeros({weight.size(0)}, at::kInt);
}

at::Tensor Int8Matrix::multiply(const at::Tensor& x, const at::Tensor& bias) const {
  const at::Tensor added = bias.defined() ? bias.to(at::kFloat).contiguous() : at::Tensor();
  return by_row_blocks(x, scales_.size(0),
                       [&](const at::Tensor& rows) { return multiply_rows(rows, added); });
}

at::Tensor Int8Matrix::product_of(const at::Tensor& steps) const {
  if (!by_bytes_) return at::linear(steps.to(at::kFloat).sub_(kZero), weight_).mul_(scales_);
  return call("onednn::qlinear_pointwise",
              {steps, 1.0, std::int64_t{kZero}, weight_, scales_, zeros_, c10::IValue(), 1.0, std::int64_t{0},
               at::kFloat, "none", c10::List<std::optional<at::Scalar>>(), ""});
}

at::Tensor Int8Matrix::multiply_rows(const at::Tensor& x, const at::Tensor& bias) const {
  const at::Tensor rows = x.to(at::kFloat).contiguous();
  const std::int64_t count = rows.size(0), in = rows.size(1), out = scales_.size(0);
  const at::Tensor steps = at::empty({count, in}, at::kByte);
  std::vector<float> scales;
  for (std::int64_t i = 0; i < count; ++i) {
    scales.push_back(
        quantise_row(rows.data_ptr<float>() + i * in, in, kZero, steps.data_ptr<std::uint8_t>() + i * in));
  }
  at::Tensor product = product_of(steps);
  const float* added = bias.defined() ? bias.data_ptr<float>() : nullptr;
  for (std::int64_t i = 0; i < count; ++i) {
    scale(product.data_ptr<float>() + i * out, scales[static_cast<std::size_t>(i)], added, out);
  }
  return product;
}

}  // namespace tandem::nn

#include "nn/int8_matrix.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/vectorised.h"
#include "nn/int8_rows.h"

namespace tandem::nn {
namespace {

constexpr std::int32_t kZero = 128;  // of a row, whose values are stored without signs
// Rows that go through all steps of a product before the next ones: their results stay in the cache.
constexpr std::int64_t kBlockRows = 256;
constexpr std::int64_t kRowsPerTask = 16;

at::Tensor call(const char* name, std::vector<c10::IValue> arguments) {
  c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&arguments);
  return arguments.front().toTensor();
}

// `bias`: null for none.
TANDEM_VECTORISED void scale(const float* row, float factor, const float* bias, std::int64_t width,
                             float* out) {
  for (std::int64_t i = 0; i < width; ++i) out[i] = row[i] * factor + (bias != nullptr ? bias[i] : 0);
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
  const std::int64_t in = x.size(-1), out = scales_.size(0);
  const at::Tensor rows = x.to(at::kFloat).reshape({-1, in}).contiguous();
  const at::Tensor added = bias.defined() ? bias.to(at::kFloat).contiguous() : at::Tensor();
  const at::Tensor result = at::empty({rows.size(0), out}, at::kFloat);
  for (std::int64_t first = 0; first < rows.size(0); first += kBlockRows) {
    const std::int64_t count = std::min(kBlockRows, rows.size(0) - first);
    multiply_block(rows.slice(0, first, first + count), added, result.slice(0, first, first + count));
  }
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out;
  return result.reshape(shape);
}

at::Tensor Int8Matrix::product_of(const at::Tensor& steps) const {
  if (!by_bytes_) return at::linear(steps.to(at::kFloat).sub_(kZero), weight_).mul_(scales_);
  return call("onednn::qlinear_pointwise",
              {steps, 1.0, std::int64_t{kZero}, weight_, scales_, zeros_, c10::IValue(), 1.0, std::int64_t{0},
               at::kFloat, "none", c10::List<std::optional<at::Scalar>>(), ""});
}

void Int8Matrix::multiply_block(const at::Tensor& rows, const at::Tensor& bias,
                                const at::Tensor& result) const {
  const std::int64_t count = rows.size(0), in = rows.size(1), out = scales_.size(0);
  const at::Tensor steps = at::empty({count, in}, at::kByte);
  std::vector<float> scales(static_cast<std::size_t>(count));
  at::parallel_for(0, count, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      scales[static_cast<std::size_t>(i)] =
          quantise_row(rows.data_ptr<float>() + i * in, in, kZero, steps.data_ptr<std::uint8_t>() + i * in);
    }
  });
  const at::Tensor product = product_of(steps);
  const float* added = bias.defined() ? bias.data_ptr<float>() : nullptr;
  at::parallel_for(0, count, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      scale(product.data_ptr<float>() + i * out, scales[static_cast<std::size_t>(i)], added, out,
            result.data_ptr<float>() + i * out);
    }
  });
}

}  // namespace tandem::nn

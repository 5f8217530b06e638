#include "nn/packed_bytes.h"

#include <cstdint>
#include <utility>

#include "nn/call_operator.h"

namespace tandem::nn {

PackedBytes::PackedBytes(const at::Tensor& steps, at::Tensor scales, bool by_bytes)
    : by_bytes_(by_bytes), scales_(std::move(scales)) {
  steps_ =
      by_bytes_ ? call_operator("onednn::qlinear_prepack", {steps, c10::IValue()}) : steps.to(at::kFloat);
  zeros_ = at::zeros({out()}, at::kInt);
}

at::Tensor PackedBytes::multiply(const Int8Rows& x) const {
  const std::int64_t zero = x.range().zero;
  if (!by_bytes_) return at::linear(x.steps().to(at::kFloat).sub_(zero), steps_).mul_(scales_);
  return call_operator("onednn::qlinear_pointwise",
                       {x.steps(), 1.0, zero, steps_, scales_, zeros_, c10::IValue(), 1.0, std::int64_t{0},
                        at::kFloat, "none", c10::List<std::optional<at::Scalar>>(), ""});
}

}  // namespace tandem::nn

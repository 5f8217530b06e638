#include "nn/bf16_matrix.h"

#include <ATen/native/CPUBlas.h>

#include "nn/call_operator.h"

namespace tandem::nn {

bool multiplies_bf16_tiles() { return at::native::cpublas::could_pack(at::kBFloat16); }

Bf16Matrix::Bf16Matrix(const at::Tensor& weight, const at::Tensor& bias)
    : weight_(call_operator("mkldnn::_reorder_linear_weight", {weight, c10::IValue()})), bias_(bias) {}

at::Tensor Bf16Matrix::multiply(const at::Tensor& x) const {
  const c10::IValue bias = bias_.defined() ? c10::IValue(bias_) : c10::IValue();
  return call_operator("mkldnn::_linear_pointwise",
                       {x, weight_, bias, "none", c10::List<std::optional<at::Scalar>>(), ""});
}

}  // namespace tandem::nn

#include "nn/layers.h"

#include <utility>

#include "nn/few_rows.h"

namespace tandem::nn {

LinearImpl::LinearImpl(std::int64_t in, std::int64_t out, bool with_bias) {
  weight = register_parameter("weight", torch::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", torch::empty({out}));
}

at::Tensor LinearImpl::forward(const at::Tensor& x) const {
  if (int8_.defined()) return int8_.multiply(x);
  if (bf16_.defined()) return bf16_.multiply(x.to(at::kBFloat16));
  if (has_few_rows(x) && weight.scalar_type() == at::kFloat && !at::GradMode::is_enabled()) {
    return multiply_few_rows(x, weight, bias);
  }
  // Under autocast, inputs of float32 weights are of other types, which is its own business.
  return at::linear(weight.scalar_type() == at::kFloat ? x : x.to(weight.scalar_type()), weight, bias);
}

void LinearImpl::set_precision(Precision precision) {
  const at::NoGradGuard no_grad;
  switch (precision) {
    case Precision::kFp32:
      return;
    case Precision::kBf16:
      round_to_bf16();
      if (weight.scalar_type() != at::kBFloat16) return;
      bf16_ = Bf16Matrix(weight, bias);
      weight.set_data(at::empty({0}));
      return;
    case Precision::kInt8:
      int8_ = Int8Matrix(weight, bias);
      weight.set_data(at::empty({0}));
      return;
  }
}

void LinearImpl::round_to_bf16() {
  const at::NoGradGuard no_grad;
  const at::ScalarType kept = multiplies_bf16_tiles() ? at::kBFloat16 : at::kFloat;
  weight.set_data(weight.to(at::kBFloat16).to(kept));
  if (bias.defined()) bias.set_data(bias.to(at::kBFloat16).to(kept));
}

LayerNormImpl::LayerNormImpl(std::int64_t width, double eps) : eps_(eps) {
  weight = register_parameter("weight", torch::empty({width}));
  bias = register_parameter("bias", torch::empty({width}));
}

EmbeddingImpl::EmbeddingImpl(std::int64_t count, std::int64_t width) {
  weight = register_parameter("weight", torch::empty({count, width}));
}

at::Tensor VocabularyImpl::forward(const at::Tensor& ids) const {
  if (!steps_.defined()) return EmbeddingImpl::forward(ids);
  return at::embedding(steps_, ids).to(at::kFloat) * at::embedding(scales_, ids);
}

void VocabularyImpl::keep_int8(at::Tensor steps, at::Tensor scales) {
  steps_ = std::move(steps);
  scales_ = scales.unsqueeze(1);
  weight.set_data(at::empty({0}));
}

at::Tensor normalize_rows(const at::Tensor& x) {
  return x / at::linalg_vector_norm(x, 2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
}

}  // namespace tandem::nn

#include "nn/layers.h"

namespace tandem::nn {

LinearImpl::LinearImpl(std::int64_t in, std::int64_t out, bool with_bias) {
  weight = register_parameter("weight", torch::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", torch::empty({out}));
}

LayerNormImpl::LayerNormImpl(std::int64_t width, double eps) : eps_(eps) {
  weight = register_parameter("weight", torch::empty({width}));
  bias = register_parameter("bias", torch::empty({width}));
}

EmbeddingImpl::EmbeddingImpl(std::int64_t count, std::int64_t width) {
  weight = register_parameter("weight", torch::empty({count, width}));
}

at::Tensor normalize_rows(const at::Tensor& x) {
  return x / at::linalg_vector_norm(x, 2, {-1}, /*keepdim=*/true).clamp_min(1e-12);
}

}  // namespace tandem::nn

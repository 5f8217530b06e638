#include "models/tandem/hubness.h"

namespace tandem::models {

HubnessImpl::HubnessImpl(const HubnessConfig& config, std::int64_t width) : config_(config) {
  centres_ = register_parameter("centres", torch::empty({config.centres, width}), /*requires_grad=*/false);
  log_shares_ = register_parameter("log_shares", torch::empty({config.centres}), /*requires_grad=*/false);
}

at::Tensor HubnessImpl::forward(const at::Tensor& embeddings) const {
  const at::Tensor near = config_.scale * embeddings.to(centres_.dtype()).matmul(centres_.t()) + log_shares_;
  return config_.weight / config_.scale * near.logsumexp(1);
}

void HubnessImpl::set(const at::Tensor& centres, const at::Tensor& log_shares) {
  const at::NoGradGuard no_grad;
  centres_.copy_(centres);
  log_shares_.copy_(log_shares);
}

}  // namespace tandem::models

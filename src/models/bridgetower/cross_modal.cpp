#include "models/bridgetower/cross_modal.h"

#include <utility>

namespace tandem::models {
namespace {

template <typename Layer>
void append(torch::nn::ModuleListImpl& list, std::vector<Layer>& layers, Layer layer) {
  list.push_back(layer);
  layers.push_back(std::move(layer));
}

}  // namespace

BridgeImpl::BridgeImpl(LinkKind kind, std::int64_t width, double eps) : kind_(kind) {
  if (kind != LinkKind::kAdd) factor_ = register_parameter("factor", torch::empty({}));
  norm_ = register_module("norm", nn::LayerNorm(width, eps));
}

at::Tensor BridgeImpl::forward(const at::Tensor& tower, const at::Tensor& below) const {
  switch (kind_) {
    case LinkKind::kAdd:
      return norm_->forward(tower + below);
    case LinkKind::kScaledAdd:
      return norm_->forward(tower * factor_ + below);
    case LinkKind::kInterpolate:
      return norm_->forward(tower * (1 - factor_) + below * factor_);
  }
  return {};
}

CrossModalSideImpl::CrossModalSideImpl(const CrossModalConfig& config, std::int64_t tower_width) {
  const std::int64_t width = config.layer.width;
  const std::int64_t count = config.layer.layers;
  norm_ = register_module("norm", nn::LayerNorm(width, config.eps));
  auto transforms = register_module("transforms", torch::nn::ModuleList());
  auto bridges = register_module("bridges", torch::nn::ModuleList());
  auto layers = register_module("layers", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < count; ++i) {
    if (i == 0 || !config.shared_transforms) append(*transforms, transforms_, nn::Linear(tower_width, width));
    if (i > 0) append(*bridges, bridges_, Bridge(config.link, width, config.eps));
    append(*layers, layers_, nn::TransformerLayer(config.layer));
  }
  pooler_ = register_module("pooler", nn::Linear(width, width));
}

at::Tensor CrossModalSideImpl::transform(const at::Tensor& states, std::size_t i,
                                         const at::Tensor& type) const {
  return transforms_[transforms_.size() == 1 ? 0 : i]->forward(states) + type;
}

at::Tensor CrossModalSideImpl::join(const at::Tensor& transformed, std::size_t i,
                                    const at::Tensor& below) const {
  return i == 0 ? norm_->forward(transformed) : bridges_[i - 1]->forward(transformed, below);
}

at::Tensor CrossModalSideImpl::layer(const at::Tensor& x, std::size_t i, const at::Tensor& other) const {
  const nn::TransformerLayer& layer = layers_[i];
  return i + 1 < layers_.size() ? layer->forward(x, other) : layer->forward_first(x, other);
}

at::Tensor CrossModalSideImpl::pool(const at::Tensor& x) const {
  return at::tanh(pooler_->forward(x.select(1, 0)));
}

}  // namespace tandem::models

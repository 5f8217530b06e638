// The cross-modal encoder of BridgeTower: text and picture attend to each other, layer by layer, and each
// layer is fed by a bridge from a layer of either tower.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "nn/layers.h"
#include "nn/transformer.h"

namespace tandem::models {

// How a bridge joins what comes from the tower with what comes from the layer below.
enum class LinkKind { kAdd, kScaledAdd, kInterpolate };

struct CrossModalConfig {
  nn::TransformerConfig
      layer;  // with cross-attention; `layers` of them for the text, as many for the picture
  std::int64_t vision_width = 0;
  double eps = 1e-5;  // of the norms outside the layers
  LinkKind link = LinkKind::kAdd;
  bool shared_transforms = true;  // one map from each tower into this encoder, or one for each layer
};

// norm(tower + below), weighted by one learnt number where the kind says so.
class BridgeImpl : public torch::nn::Module {
 public:
  BridgeImpl(LinkKind kind, std::int64_t width, double eps);
  at::Tensor forward(const at::Tensor& tower, const at::Tensor& below) const;

 private:
  LinkKind kind_;
  at::Tensor factor_;  // one number; undefined for kAdd
  nn::LayerNorm norm_ = nullptr;
};
TORCH_MODULE(Bridge);

// One modality's half of the encoder.
class CrossModalSideImpl : public torch::nn::Module {
 public:
  CrossModalSideImpl(const CrossModalConfig& config, std::int64_t tower_width);

  // What goes into layer `i` of a tower's states: mapped to the encoder's width, and marked as of this
  // modality by `type` (width).
  at::Tensor transform(const at::Tensor& states, std::size_t i, const at::Tensor& type) const;
  // The input of layer `i`, of what transform() gave and the output of the layer below (none for layer 0).
  at::Tensor join(const at::Tensor& transformed, std::size_t i, const at::Tensor& below) const;
  // Layer `i`, which reads the other side's input.
  at::Tensor layer(const at::Tensor& x, std::size_t i, const at::Tensor& other) const;
  // The first token, pooled. batch × width.
  at::Tensor pool(const at::Tensor& x) const;

 private:
  std::vector<nn::Linear> transforms_;  // one, or one for each layer
  nn::LayerNorm norm_ = nullptr;
  std::vector<Bridge> bridges_;  // one for each layer but the first
  std::vector<nn::TransformerLayer> layers_;
  nn::Linear pooler_ = nullptr;
};
TORCH_MODULE(CrossModalSide);

}  // namespace tandem::models

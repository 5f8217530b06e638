// The vision side of CLIP: a transformer over patches and a projection into the space of the embeddings.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "checkpoint/model_config.h"
#include "models/name_map.h"
#include "nn/layers.h"
#include "nn/vision_transformer.h"

namespace tandem::models {

// Reads `vision_config`. Defaults: those of the reference's CLIPVisionConfig.
nn::VisionTransformerConfig read_clip_vision(const checkpoint::Config& config);

class ClipVisionImpl : public torch::nn::Module {
 public:
  ClipVisionImpl(const nn::VisionTransformerConfig& config, std::int64_t dim);
  // pixels: batch × channels × image_size × image_size. Returns batch × 1 × width: the state of the class
  // token.
  at::Tensor forward(const at::Tensor& pixels) const;
  // That state in the space of the embeddings: batch × 1 × dim, rows of length 1.
  at::Tensor project(const at::Tensor& state) const {
    return nn::normalize_rows(projection_->forward(state));
  }

 private:
  nn::VisionTransformer tower_ = nullptr;
  nn::LayerNorm norm_ = nullptr;
  nn::Linear projection_ = nullptr;
};
TORCH_MODULE(ClipVision);

// What Hugging Face calls the parts of a layer of either tower of CLIP.
std::vector<Rename> clip_layer_names();

// What it calls the parts of a ClipVision that is registered as "vision".
std::vector<NameSection> clip_vision_names();

}  // namespace tandem::models

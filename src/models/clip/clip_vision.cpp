#include "models/clip/clip_vision.h"

#include "models/transformer_config.h"

namespace tandem::models {

nn::VisionTransformerConfig read_clip_vision(const checkpoint::Config& config) {
  nn::VisionTransformerConfig read;
  read.transformer = read_transformer_config(config, {.layers = 12,
                                                      .width = 768,
                                                      .heads = 12,
                                                      .hidden = 3072,
                                                      .eps = 1e-5,
                                                      .activation = nn::Activation::kQuickGelu});
  read.image_size = config.get_int("image_size", 224, {1, 1 << 14});
  read.patch_size = config.get_int("patch_size", 32, {1, read.image_size});
  read.channels = config.get_int("num_channels", 3, {3, 3});
  read.patch_bias = false;
  read.first_norm = true;
  return read;
}

ClipVisionImpl::ClipVisionImpl(const nn::VisionTransformerConfig& config, std::int64_t dim) {
  const nn::TransformerConfig& transformer = config.transformer;
  tower_ = register_module("tower", nn::VisionTransformer(config));
  norm_ = register_module("norm", nn::LayerNorm(transformer.width, transformer.eps));
  projection_ = register_module("projection", nn::Linear(transformer.width, dim, /*bias=*/false));
}

at::Tensor ClipVisionImpl::forward(const at::Tensor& pixels) const {
  return norm_->forward(tower_->forward_first(pixels).unsqueeze(1));
}

std::vector<Rename> clip_layer_names() {
  return {{"attention.qkv", {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}},
          {"attention.output", {"self_attn.out_proj"}},
          {"norm1", {"layer_norm1"}},
          {"norm2", {"layer_norm2"}},
          {".up.", {".mlp.fc1."}},
          {".down.", {".mlp.fc2."}}};
}

std::vector<NameSection> clip_vision_names() {
  return {{"vision.tower.class_token", "vision_model.embeddings.class_embedding"},
          {"vision.tower.positions", "vision_model.embeddings.position_embedding.weight"},
          {"vision.tower.patch_weight", "vision_model.embeddings.patch_embedding.weight"},
          {"vision.tower.first_norm.", "vision_model.pre_layrnorm."},  // misspelt there
          {"vision.tower.layers.", "vision_model.encoder.layers.", clip_layer_names()},
          {"vision.norm.", "vision_model.post_layernorm."},
          {"vision.projection.", "visual_projection."}};
}

}  // namespace tandem::models

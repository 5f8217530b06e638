#include "models/clip/clip.h"

#include <utility>

#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

struct ClipConfig {
  nn::TransformerConfig text;
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  std::int64_t eos = 0;
  nn::VisionTransformerConfig vision;
  std::int64_t dim = 0;
};

// Old configurations repeat a tower's fields under text_config_dict; the reference lets that copy win.
checkpoint::Config read_tower(const checkpoint::Config& config, const std::string& name) {
  return config.has(name + "_dict") ? config.get_object(name + "_dict") : sub_config(config, name);
}

// Defaults: those of the reference's CLIPTextConfig, CLIPVisionConfig and CLIPConfig.
ClipConfig read_config(const checkpoint::Config& config) {
  ClipConfig read;
  const checkpoint::Config text = read_tower(config, "text_config");
  read.text = read_transformer_config(text, {.layers = 12,
                                             .width = 512,
                                             .heads = 8,
                                             .hidden = 2048,
                                             .eps = 1e-5,
                                             .activation = nn::Activation::kQuickGelu,
                                             .causal = true});
  read.vocabulary = text.get_int("vocab_size", 49408);
  read.positions = text.get_int("max_position_embeddings", 77, {3, 1 << 16});
  read.eos = text.get_int("eos_token_id", 49407, {0});

  const checkpoint::Config vision = read_tower(config, "vision_config");
  read.vision.transformer = read_transformer_config(vision, {.layers = 12,
                                                             .width = 768,
                                                             .heads = 12,
                                                             .hidden = 3072,
                                                             .eps = 1e-5,
                                                             .activation = nn::Activation::kQuickGelu});
  read.vision.image_size = vision.get_int("image_size", 224, {1, 1 << 14});
  read.vision.patch_size = vision.get_int("patch_size", 32, {1, read.vision.image_size});
  read.vision.channels = vision.get_int("num_channels", 3, {3, 3});
  read.vision.patch_bias = false;
  read.vision.first_norm = true;
  read.dim = config.get_int("projection_dim", 512, {1, 1 << 16});
  return read;
}

class ClipNetwork final : public Network {
 public:
  explicit ClipNetwork(const ClipConfig& config) : eos_(config.eos) {
    const std::int64_t text_width = config.text.width;
    const std::int64_t vision_width = config.vision.transformer.width;
    words_ = register_module("words", nn::Embedding(config.vocabulary, text_width));
    positions_ = register_module("positions", nn::Embedding(config.positions, text_width));
    text_ = register_module("text", nn::Transformer(config.text));
    text_norm_ = register_module("text_norm", nn::LayerNorm(text_width, config.text.eps));
    text_projection_ = register_module("text_projection", nn::Linear(text_width, config.dim, false));
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision_width, config.vision.transformer.eps));
    vision_projection_ = register_module("vision_projection", nn::Linear(vision_width, config.dim, false));
    scale_ = register_parameter("scale", torch::empty({}));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor embedded = words_->forward(ids) + positions_->weight.slice(0, 0, ids.size(1));
    const at::Tensor states = text_norm_->forward(text_->forward(embedded));
    // The state at the end of the text. Published configurations say eos_token_id = 2, which was never
    // right; the reference then takes the largest id, which the end has in their vocabularies.
    const at::Tensor end = eos_ == 2 ? ids.argmax(-1) : (ids == eos_).to(at::kInt).argmax(-1);
    const at::Tensor pooled = states.index({at::arange(ids.size(0)), end});
    return nn::normalize_rows(text_projection_->forward(pooled));
  }

  ImageStates encode_images(const at::Tensor& pixels, ImageOutputs outputs) const override {
    ImageStates states;
    if (!outputs.embedding) return states;
    const at::Tensor pooled = vision_norm_->forward(vision_->forward(pixels).select(1, 0));
    states.embeddings = nn::normalize_rows(vision_projection_->forward(pooled)).unsqueeze(1);
    return states;
  }

 private:
  std::int64_t eos_;
  nn::Embedding words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::LayerNorm text_norm_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Linear vision_projection_ = nullptr;
  at::Tensor scale_;  // logarithm of the contrastive scale: read by training only
};

const std::vector<Rename> kLayer = {
    {"attention.qkv", {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"}},
    {"attention.output", {"self_attn.out_proj"}},
    {"norm1", {"layer_norm1"}},
    {"norm2", {"layer_norm2"}},
    {".up.", {".mlp.fc1."}},
    {".down.", {".mlp.fc2."}},
};

const NameMap kNames = {
    {"words.", "text_model.embeddings.token_embedding."},
    {"positions.", "text_model.embeddings.position_embedding."},
    {"text.", "text_model.encoder.layers.", kLayer},
    {"text_norm.", "text_model.final_layer_norm."},
    {"vision.class_token", "vision_model.embeddings.class_embedding"},
    {"vision.positions", "vision_model.embeddings.position_embedding.weight"},
    {"vision.patch_weight", "vision_model.embeddings.patch_embedding.weight"},
    {"vision.first_norm.", "vision_model.pre_layrnorm."},  // misspelt there
    {"vision.layers.", "vision_model.encoder.layers.", kLayer},
    {"vision_norm.", "vision_model.post_layernorm."},
    {"vision_projection.", "visual_projection."},
    {"scale", "logit_scale"},
};

}  // namespace

text::TokenizerOptions clip_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kClipBpe,
          .max_length = static_cast<std::size_t>(read_config(config).positions)};
}

Blueprint build_clip(const ModelFolder& folder, const ModelOptions&) {
  const ClipConfig config = read_config(folder.config);
  Blueprint blueprint{.network = std::make_shared<ClipNetwork>(config),
                      .names = kNames,
                      .ignored_weights = {"*.position_ids"},
                      .preprocessing = image::parse_preprocessor_config(
                          folder.path / "preprocessor_config.json", "CLIPImageProcessor"),
                      .image_size = static_cast<std::size_t>(config.vision.image_size),
                      .vocabulary_size = static_cast<std::size_t>(config.vocabulary),
                      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.dim);
  return blueprint;
}

}  // namespace tandem::models

#include "models/siglip/siglip.h"

#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/attention_pooling.h"
#include "nn/layers.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

struct SiglipConfig {
  nn::TransformerConfig text;
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  nn::VisionTransformerConfig vision;
};

// Defaults: those of the reference's SiglipTextConfig and SiglipVisionConfig.
SiglipConfig read_config(const checkpoint::Config& config) {
  constexpr nn::TransformerConfig kBase = {.layers = 12,
                                           .width = 768,
                                           .heads = 12,
                                           .hidden = 3072,
                                           .eps = 1e-6,
                                           .activation = nn::Activation::kGeluTanh};
  SiglipConfig read;
  const checkpoint::Config text = sub_config(config, "text_config");
  read.text = read_transformer_config(text, kBase);
  read.vocabulary = text.get_int("vocab_size", 32000);
  read.positions = text.get_int("max_position_embeddings", 64, {1, 1 << 16});

  const checkpoint::Config vision = sub_config(config, "vision_config");
  read.vision.transformer = read_transformer_config(vision, kBase);
  read.vision.image_size = vision.get_int("image_size", 224, {1, 1 << 14});
  read.vision.patch_size = vision.get_int("patch_size", 16, {1, read.vision.image_size});
  read.vision.channels = vision.get_int("num_channels", 3, {3, 3});
  read.vision.class_token = false;
  if (!vision.get_bool("vision_use_head", true)) {
    vision.reject("vision_use_head", "true, without which there is no picture embedding");
  }
  // Both projections end in one space; that of the picture is as wide as its tower.
  const std::int64_t dim = text.get_int("projection_size", read.text.width, {1, 1 << 16});
  if (dim != read.vision.transformer.width) {
    text.reject("projection_size", "the hidden_size of vision_config");
  }
  return read;
}

class SiglipNetwork final : public Network {
 public:
  explicit SiglipNetwork(const SiglipConfig& config) {
    const nn::TransformerConfig& vision = config.vision.transformer;
    words_ = register_module("words", nn::Vocabulary(config.vocabulary, config.text.width));
    positions_ = register_module("positions", nn::Embedding(config.positions, config.text.width));
    text_ = register_module("text", nn::Transformer(config.text));
    text_norm_ = register_module("text_norm", nn::LayerNorm(config.text.width, config.text.eps));
    text_projection_ = register_module("text_projection", nn::Linear(config.text.width, vision.width));
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision.width, vision.eps));
    pooling_ = register_module("pooling", nn::AttentionPooling(vision));
    scale_ = register_parameter("scale", torch::empty({}));
    bias_ = register_parameter("bias", torch::empty({}));
  }

  // ids are padded; padding is read as any other token, and the last one is pooled, whatever it is.
  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor embedded = words_->forward(ids) + positions_->weight.slice(0, 0, ids.size(1));
    const at::Tensor last = text_norm_->forward(text_->forward(embedded).select(1, -1));
    return nn::normalize_rows(text_projection_->forward(last));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    const at::Tensor patches = (images.pixels.defined() ? read_tower(images) : images).features;
    const at::Tensor rows = nn::normalize_rows(pooling_->forward(patches)).unsqueeze(1);
    ImageStates states;
    if (outputs.embedding) states.embeddings = rows;
    if (outputs.tokens) states.tokens = rows;  // all that match() reads
    return states;
  }

  std::vector<std::string> tower() const override { return {"vision.", "vision_norm."}; }

  ImageBatch read_tower(const ImageBatch& images) const override {
    return from_tower(vision_norm_->forward(vision_->forward(images.pixels)));
  }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override {
    const at::Tensor cosines = (image_tokens.select(1, 0) * embed_texts(ids)).sum(-1);
    return scale_.exp() * cosines + bias_;
  }

  at::Tensor contrastive_scale() const override { return scale_; }
  at::Tensor contrastive_bias() const override { return bias_; }

 private:
  nn::Vocabulary words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::LayerNorm text_norm_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::AttentionPooling pooling_ = nullptr;
  at::Tensor scale_;  // logarithm of the scale of the cosine
  at::Tensor bias_;
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
    {"text_projection.", "text_model.head."},
    {"vision.positions", "vision_model.embeddings.position_embedding.weight"},
    {"vision.patch_", "vision_model.embeddings.patch_embedding."},
    {"vision.layers.", "vision_model.encoder.layers.", kLayer},
    {"vision_norm.", "vision_model.post_layernorm."},
    {"pooling.qkv.", "vision_model.head.attention.in_proj_"},
    {"pooling.output.", "vision_model.head.attention.out_proj."},
    {"pooling.norm.", "vision_model.head.layernorm."},
    {"pooling.up.", "vision_model.head.mlp.fc1."},
    {"pooling.down.", "vision_model.head.mlp.fc2."},
    {"pooling.probe", "vision_model.head.probe"},
    {"scale", "logit_scale"},
    {"bias", "logit_bias"},
};

}  // namespace

text::TokenizerOptions siglip_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kSiglip,
          .max_length = static_cast<std::size_t>(read_config(config).positions)};
}

Blueprint build_siglip(const ModelFolder& folder, const ModelOptions&) {
  const SiglipConfig config = read_config(folder.config);
  const auto dim = static_cast<std::size_t>(config.vision.transformer.width);
  Blueprint blueprint{.network = std::make_shared<SiglipNetwork>(config),
                      .names = kNames,
                      .ignored_weights = {"*.position_ids"},
                      .images = PixelSpec{preprocessing_of(folder, "SiglipImageProcessor"),
                                          static_cast<std::size_t>(config.vision.image_size)},
                      .vocabulary_size = static_cast<std::size_t>(config.vocabulary),
                      .capabilities = {},
                      .info = {}};
  blueprint.info.embedding_dim = dim;
  blueprint.info.max_image_tokens = 1;
  blueprint.info.image_token_width = dim;
  return blueprint;
}

}  // namespace tandem::models

#include "models/clip/clip.h"

#include <utility>

#include "models/clip/clip_names.h"
#include "models/clip/clip_vision.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/transformer.h"

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

  read.vision = read_clip_vision(read_tower(config, "vision_config"));
  read.dim = config.get_int("projection_dim", 512, {1, 1 << 16});
  return read;
}

class ClipNetwork final : public Network {
 public:
  explicit ClipNetwork(const ClipConfig& config) : eos_(config.eos) {
    const std::int64_t text_width = config.text.width;
    words_ = register_module("words", nn::Vocabulary(config.vocabulary, text_width));
    positions_ = register_module("positions", nn::Embedding(config.positions, text_width));
    text_ = register_module("text", nn::Transformer(config.text));
    text_norm_ = register_module("text_norm", nn::LayerNorm(text_width, config.text.eps));
    text_projection_ = register_module("text_projection", nn::Linear(text_width, config.dim, false));
    vision_ = register_module("vision", ClipVision(config.vision, config.dim));
    scale_ = register_parameter("scale", torch::empty({}));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor embedded = words_->forward(ids) + positions_->weight.slice(0, 0, ids.size(1));
    const at::Tensor states = text_norm_->forward(text_->forward(embedded));
    // The state at the end of the text. Published configurations say eos_token_id = 2, which was never
    // right; the reference then takes the largest id, which the end has in their vocabularies.
    const at::Tensor end = eos_ == 2 ? ids.argmax(-1) : (ids == eos_).to(at::kInt).argmax(-1);
    const at::Tensor pooled = states.index({at::arange(ids.size(0), ids.options()), end});
    return nn::normalize_rows(text_projection_->forward(pooled));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    ImageStates states;
    if (outputs.embedding) {
      const ImageBatch read = images.pixels.defined() ? read_tower(images) : images;
      states.embeddings = vision_->project(read.features);
    }
    return states;
  }

  std::vector<std::string> tower() const override { return {"vision.tower.", "vision.norm."}; }

  ImageBatch read_tower(const ImageBatch& images) const override {
    return from_tower(vision_->forward(images.pixels));
  }

  at::Tensor contrastive_scale() const override { return scale_; }

 private:
  std::int64_t eos_;
  nn::Vocabulary words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::LayerNorm text_norm_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  ClipVision vision_ = nullptr;
  at::Tensor scale_;  // logarithm of the contrastive scale: read by training only
};

}  // namespace

text::TokenizerOptions clip_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kClipBpe,
          .max_length = static_cast<std::size_t>(read_config(config).positions)};
}

Blueprint build_clip(const ModelFolder& folder, const ModelOptions&) {
  const ClipConfig config = read_config(folder.config);
  Blueprint blueprint{.network = std::make_shared<ClipNetwork>(config),
                      .names = clip_names(),
                      .ignored_weights = clip_ignored_names(),
                      .images = PixelSpec{preprocessing_of(folder, "CLIPImageProcessor"),
                                          static_cast<std::size_t>(config.vision.image_size)},
                      .vocabulary_size = static_cast<std::size_t>(config.vocabulary),
                      .capabilities = {},
                      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.dim);
  return blueprint;
}

}  // namespace tandem::models

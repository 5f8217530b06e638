#include "models/blip/blip.h"

#include <optional>
#include <utility>

#include "models/blip/blip_names.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/text_embeddings.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

struct BlipConfig {
  nn::TransformerConfig text;
  nn::TextEmbeddingsConfig words;
  nn::VisionTransformerConfig vision;
  std::int64_t dim = 0;
};

// Defaults: those of the reference's BlipTextConfig, BlipVisionConfig and BlipConfig.
BlipConfig read_config(const checkpoint::Config& config) {
  BlipConfig read;
  const checkpoint::Config vision = sub_config(config, "vision_config");
  read.vision.transformer = read_transformer_config(vision, {.layers = 12,
                                                             .width = 768,
                                                             .heads = 12,
                                                             .hidden = 3072,
                                                             .eps = 1e-5,
                                                             .activation = nn::Activation::kGelu});
  read.vision.image_size = vision.get_int("image_size", 384, {1, 1 << 14});
  read.vision.patch_size = vision.get_int("patch_size", 16, {1, read.vision.image_size});

  const checkpoint::Config text = sub_config(config, "text_config");
  read.text = read_transformer_config(text, {.layers = 12,
                                             .width = 768,
                                             .heads = 8,
                                             .hidden = 3072,
                                             .eps = 1e-12,
                                             .activation = nn::Activation::kGelu,
                                             .pre_norm = false});
  // The text always reads in both directions; `is_decoder` only says that cross-attention is there.
  if (!text.get_bool("is_decoder", true)) {
    text.reject("is_decoder", "true, without which the text encoder has no cross-attention");
  }
  read.text.memory_width = read.vision.transformer.width;
  read.words = {.width = read.text.width,
                .vocabulary = text.get_int("vocab_size", 30524),
                .positions = text.get_int("max_position_embeddings", 512, {2, 1 << 16}),
                .eps = read.text.eps};
  read.dim = config.get_int("image_text_hidden_size", 256, {1, 1 << 16});
  return read;
}

class BlipNetwork final : public Network {
 public:
  // `enc_id`: put in place of the first token where a text is matched.
  BlipNetwork(const BlipConfig& config, std::optional<std::int64_t> enc_id) : enc_id_(enc_id) {
    const std::int64_t text_width = config.text.width;
    const std::int64_t vision_width = config.vision.transformer.width;
    words_ = register_module("words", nn::TextEmbeddings(config.words));
    text_ = register_module("text", nn::Transformer(config.text));
    text_projection_ = register_module("text_projection", nn::Linear(text_width, config.dim));
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision_width, config.vision.transformer.eps));
    vision_projection_ = register_module("vision_projection", nn::Linear(vision_width, config.dim));
    match_head_ = register_module("match_head", nn::Linear(text_width, 2));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor first = text_->forward_first(words_->forward(ids));
    return nn::normalize_rows(text_projection_->forward(first));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    const at::Tensor tokens = (images.pixels.defined() ? read_tower(images) : images).features;
    ImageStates states;
    if (outputs.tokens) states.tokens = tokens;
    if (outputs.embedding) {
      const at::Tensor first = tokens.select(1, 0);
      states.embeddings = nn::normalize_rows(vision_projection_->forward(first)).unsqueeze(1);
    }
    return states;
  }

  std::vector<std::string> tower() const override { return {"vision.", "vision_norm."}; }

  ImageBatch read_tower(const ImageBatch& images) const override {
    return from_tower(vision_norm_->forward(vision_->forward(images.pixels)));
  }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override {
    at::Tensor read = ids;
    if (enc_id_) {
      read = ids.clone();
      read.select(1, 0).fill_(*enc_id_);
    }
    const at::Tensor logits = match_head_->forward(text_->forward_first(words_->forward(read), image_tokens));
    return logits.select(1, 1) - logits.select(1, 0);
  }

 private:
  std::optional<std::int64_t> enc_id_;
  nn::TextEmbeddings words_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Linear vision_projection_ = nullptr;
  nn::Linear match_head_ = nullptr;
};

}  // namespace

text::TokenizerOptions blip_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kWordPiece,
          .max_length = static_cast<std::size_t>(read_config(config).words.positions)};
}

Blueprint build_blip(const ModelFolder& folder, const ModelOptions& options) {
  const BlipConfig config = read_config(folder.config);
  // [ENC] is the last row of the word embedding; the tokenizer does not know it.
  const auto enc_id = options.blip_enc_token ? std::optional(config.words.vocabulary - 1) : std::nullopt;
  Blueprint blueprint{.network = std::make_shared<BlipNetwork>(config, enc_id),
                      .names = blip_names(),
                      .ignored_weights = blip_ignored_names(),
                      .heads = {"match_head.*", "*_projection.*"},
                      .images = PixelSpec{preprocessing_of(folder, "BlipImageProcessor"),
                                          static_cast<std::size_t>(config.vision.image_size)},
                      .vocabulary_size = static_cast<std::size_t>(config.words.vocabulary),
                      .capabilities = {},
                      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.dim);
  blueprint.info.max_image_tokens = static_cast<std::size_t>(1 + config.vision.patches());
  blueprint.info.image_token_width = static_cast<std::size_t>(config.vision.transformer.width);
  blueprint.info.first_whole_tokens = 1;  // the class token
  blueprint.info.rerank_by_default = true;
  return blueprint;
}

}  // namespace tandem::models

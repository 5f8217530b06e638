#include "models/blip2/blip2.h"

#include "models/blip/blip_names.h"
#include "models/blip2/q_former.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

struct Blip2Config {
  QFormerConfig q_former;
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  std::int64_t queries = 0;
  nn::VisionTransformerConfig vision;
  std::int64_t dim = 0;
};

// Defaults: those of the reference's Blip2QFormerConfig, Blip2VisionConfig and Blip2Config.
Blip2Config read_config(const checkpoint::Config& config) {
  Blip2Config read;
  const checkpoint::Config vision = sub_config(config, "vision_config");
  read.vision.transformer = read_transformer_config(vision, {.layers = 39,
                                                             .width = 1408,
                                                             .heads = 16,
                                                             .hidden = 6144,
                                                             .eps = 1e-6,
                                                             .activation = nn::Activation::kGelu});
  read.vision.transformer.qkv_bias = vision.get_bool("qkv_bias", true);
  read.vision.image_size = vision.get_int("image_size", 224, {1, 1 << 14});
  read.vision.patch_size = vision.get_int("patch_size", 14, {1, read.vision.image_size});

  const checkpoint::Config text = sub_config(config, "qformer_config");
  read.q_former.transformer = read_transformer_config(text, {.layers = 12,
                                                             .width = 768,
                                                             .heads = 12,
                                                             .hidden = 3072,
                                                             .eps = 1e-12,
                                                             .activation = nn::Activation::kGelu});
  if (!text.get_bool("use_qformer_text_input", false)) {
    text.reject("use_qformer_text_input", "true, without which the Q-Former reads no texts");
  }
  read.q_former.transformer.memory_width = read.vision.transformer.width;
  read.q_former.cross_every = text.get_int("cross_attention_frequency", 2);
  read.vocabulary = text.get_int("vocab_size", 30522);
  read.positions = text.get_int("max_position_embeddings", 512, {2, 1 << 16});
  read.queries = config.get_int("num_query_tokens", 32, {1, 1 << 10});
  read.dim = config.get_int("image_text_hidden_size", 256, {1, 1 << 16});
  return read;
}

class Blip2Network final : public Network {
 public:
  explicit Blip2Network(const Blip2Config& config) {
    const std::int64_t width = config.q_former.transformer.width;
    const nn::TransformerConfig& vision = config.vision.transformer;
    words_ = register_module("words", nn::Vocabulary(config.vocabulary, width));
    positions_ = register_module("positions", nn::Embedding(config.positions, width));
    queries_ = register_parameter("queries", torch::empty({config.queries, width}));
    q_former_ = register_module("q_former", QFormer(config.q_former));
    text_projection_ = register_module("text_projection", nn::Linear(width, config.dim));
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision.width, vision.eps));
    vision_projection_ = register_module("vision_projection", nn::Linear(width, config.dim));
    match_head_ = register_module("match_head", nn::Linear(width, 2));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor first = q_former_->forward(embed_words(ids), 0).select(1, 0);
    return nn::normalize_rows(text_projection_->forward(first));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    const at::Tensor tokens = (images.pixels.defined() ? read_tower(images) : images).features;
    ImageStates states;
    if (outputs.tokens) states.tokens = tokens;
    if (outputs.embedding) {
      const at::Tensor read = q_former_->forward(queries_for(tokens), queries_.size(0), tokens);
      states.embeddings = nn::normalize_rows(vision_projection_->forward(read));
    }
    return states;
  }

  std::vector<std::string> tower() const override { return {"vision.", "vision_norm."}; }

  ImageBatch read_tower(const ImageBatch& images) const override {
    return from_tower(vision_norm_->forward(vision_->forward(images.pixels)));
  }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override {
    const at::Tensor words = embed_words(ids).expand({image_tokens.size(0), -1, -1});
    const at::Tensor both = at::cat({queries_for(image_tokens), words}, 1);
    const at::Tensor read = q_former_->forward(both, queries_.size(0), image_tokens);
    const at::Tensor logits = match_head_->forward(read.slice(1, 0, queries_.size(0))).mean(1);
    return logits.select(1, 1) - logits.select(1, 0);
  }

 private:
  // Positions count from the first token of the text; queries have none.
  at::Tensor embed_words(const at::Tensor& ids) const {
    return words_->forward(ids) + positions_->weight.slice(0, 0, ids.size(1));
  }

  at::Tensor queries_for(const at::Tensor& tokens) const { return queries_.expand({tokens.size(0), -1, -1}); }

  nn::Vocabulary words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  at::Tensor queries_;  // queries × width
  QFormer q_former_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Linear vision_projection_ = nullptr;
  nn::Linear match_head_ = nullptr;
};

const NameMap kNames =
    NameMap{{"words.", "embeddings.word_embeddings."},
            {"positions.", "embeddings.position_embeddings."},
            {"queries", "query_tokens"},
            {"q_former.norm.", "qformer.layernorm."},
            {"q_former.",
             "qformer.encoder.layer.",
             {{".cross.query", {".crossattention.attention.query"}},
              {".cross.key_value", {".crossattention.attention.key", ".crossattention.attention.value"}},
              {".cross.output", {".crossattention.output.dense"}},
              {".norm_cross", {".crossattention.output.LayerNorm"}},
              {".attention.qkv",
               {".attention.attention.query", ".attention.attention.key", ".attention.attention.value"}},
              {".attention.output", {".attention.output.dense"}},
              {".norm1", {".attention.output.LayerNorm"}},
              {".for_text.up", {".intermediate.dense"}},
              {".for_text.down", {".output.dense"}},
              {".for_text.norm", {".output.LayerNorm"}},
              {".for_queries.up", {".intermediate_query.dense"}},
              {".for_queries.down", {".output_query.dense"}},
              {".for_queries.norm", {".output_query.LayerNorm"}}}},
            {"match_head.", "itm_head."}} +
    blip_vision_names();

}  // namespace

text::TokenizerOptions blip2_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kWordPiece,
          .max_length = static_cast<std::size_t>(read_config(config).positions)};
}

Blueprint build_blip2(const ModelFolder& folder, const ModelOptions&) {
  const Blip2Config config = read_config(folder.config);
  Blueprint blueprint{.network = std::make_shared<Blip2Network>(config),
                      .names = kNames,
                      .ignored_weights = {"*.position_ids"},
                      .heads = {"match_head.*", "*_projection.*"},
                      .images = PixelSpec{preprocessing_of(folder, "BlipImageProcessor"),
                                          static_cast<std::size_t>(config.vision.image_size)},
                      .vocabulary_size = static_cast<std::size_t>(config.vocabulary),
                      // The reference's processor adds <image>, for models with a language model.
                      .surplus_tokens = 1,
                      .capabilities = {},
                      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.dim);
  blueprint.info.embedding_rows = static_cast<std::size_t>(config.queries);
  blueprint.info.max_image_tokens = static_cast<std::size_t>(1 + config.vision.patches());
  blueprint.info.image_token_width = static_cast<std::size_t>(config.vision.transformer.width);
  blueprint.info.first_whole_tokens = 1;  // the class token
  blueprint.info.rerank_by_default = true;
  return blueprint;
}

}  // namespace tandem::models

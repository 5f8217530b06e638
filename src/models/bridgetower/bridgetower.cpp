#include "models/bridgetower/bridgetower.h"

#include <string>
#include <vector>

#include "checkpoint/safetensors_index.h"
#include "core/fail.h"
#include "core/file_system.h"
#include "models/bert_names.h"
#include "models/bridgetower/bridgetower_config.h"
#include "models/bridgetower/cross_modal.h"
#include "models/preprocessing.h"
#include "nn/layers.h"
#include "nn/text_embeddings.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

struct Heads {
  bool contrastive = false;
  bool matching = false;
};

class BridgeTowerNetwork final : public Network {
 public:
  BridgeTowerNetwork(const BridgeTowerConfig& config, Heads heads) : bridged_(config.cross.layer.layers) {
    const std::int64_t width = config.text.width;
    const nn::TransformerConfig& vision = config.vision.transformer;
    words_ = register_module("words", nn::TextEmbeddings(config.words));
    text_ = register_module("text", nn::Transformer(config.text));
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision.width, vision.eps));
    types_ = register_module("types", nn::Embedding(2, width));
    cross_text_ = register_module("cross_text", CrossModalSide(config.cross, width));
    cross_image_ = register_module("cross_image", CrossModalSide(config.cross, vision.width));
    if (heads.matching) match_head_ = register_module("match_head", nn::Linear(2 * width, 2));
    if (!heads.contrastive) return;
    text_head_ = register_module("text_head", nn::Linear(width, config.contrastive_dim));
    image_head_ = register_module("image_head", nn::Linear(width, config.contrastive_dim));
    both_head_ = register_module("both_head", nn::Linear(2 * width, config.contrastive_dim));
    scale_ = register_parameter("scale", torch::empty({}));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor first = text_->forward_first(words_->forward(ids));
    return nn::normalize_rows(text_head_->forward(first));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    std::vector<at::Tensor> read = vision_->last_states(images.pixels, bridged_);
    for (std::size_t i = 0; i < read.size(); ++i) {
      read[i] = cross_image_->transform(vision_norm_->forward(read[i]), i, types_->weight[1]);
    }
    ImageStates states;
    if (outputs.tokens) states.tokens = at::cat(read, 1);
    if (outputs.embedding) {
      const at::Tensor first = read.back().select(1, 0);
      states.embeddings = nn::normalize_rows(image_head_->forward(first)).unsqueeze(1);
    }
    return states;
  }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override {
    const std::vector<at::Tensor> text_states = text_->last_states(words_->forward(ids), bridged_);
    const std::vector<at::Tensor> image_states = image_tokens.chunk(bridged_, 1);
    at::Tensor text, image;
    for (std::size_t i = 0; i < text_states.size(); ++i) {
      const at::Tensor transformed = cross_text_->transform(text_states[i], i, types_->weight[0]);
      const at::Tensor text_in =
          cross_text_->join(transformed.expand({image_tokens.size(0), -1, -1}), i, text);
      const at::Tensor image_in = cross_image_->join(image_states[i], i, image);
      text = cross_text_->layer(text_in, i, image_in);  // of the last, the first token alone
      image = cross_image_->layer(image_in, i, text_in);
    }
    const at::Tensor pooled = at::cat({cross_text_->pool(text), cross_image_->pool(image)}, 1);
    const at::Tensor logits = match_head_->forward(pooled);
    return logits.select(1, 1) - logits.select(1, 0);
  }

  at::Tensor contrastive_scale() const override { return scale_; }

 private:
  std::int64_t bridged_;  // the upper layers of either tower that the cross-modal encoder reads
  nn::TextEmbeddings words_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Embedding types_ = nullptr;  // 0: text, 1: picture
  CrossModalSide cross_text_ = nullptr;
  CrossModalSide cross_image_ = nullptr;
  nn::Linear match_head_ = nullptr;
  nn::Linear text_head_ = nullptr;
  nn::Linear image_head_ = nullptr;
  nn::Linear both_head_ = nullptr;  // read by no method
  at::Tensor scale_;
};

// `side`: "text" or "image".
NameMap side_names(const std::string& side, const CrossModalConfig& config) {
  const std::string ours = "cross_" + side + ".";
  const std::string theirs = "bridgetower.cross_modal_" + side + "_";
  const char* factor = config.link == LinkKind::kInterpolate ? ".beta" : ".scaled_factor";
  return {{ours + "transforms." + (config.shared_transforms ? "0." : ""), theirs + "transform."},
          {ours + "norm.", theirs + "layernorm."},
          {ours + "bridges.", theirs + "link_tower.", {{".norm", {".LayerNorm"}}, {".factor", {factor}}}},
          {ours + "layers.", theirs + "layers.", bert_layer_names()},
          {ours + "pooler.", theirs + "pooler.dense."}};
}

const NameMap kTowerNames = {
    {"words", "bridgetower.text_model.embeddings", bert_embedding_names()},
    {"text.", "bridgetower.text_model.encoder.layer.", bert_layer_names()},
    {"vision.class_token", "bridgetower.vision_model.visual.embeddings.class_embedding"},
    {"vision.positions", "bridgetower.vision_model.visual.embeddings.position_embedding.weight"},
    {"vision.patch_weight", "bridgetower.vision_model.visual.embeddings.patch_embedding.weight"},
    {"vision.first_norm.", "bridgetower.vision_model.visual.ln_pre."},
    {"vision.layers.",
     "bridgetower.vision_model.visual.transformer.resblocks.",
     {{".attention.qkv.", {".attn.in_proj_"}},
      {".attention.output.", {".attn.out_proj."}},
      {".norm1.", {".ln_1."}},
      {".norm2.", {".ln_2."}},
      {".up.", {".mlp.c_fc."}},
      {".down.", {".mlp.c_proj."}}}},
    {"vision_norm.", "bridgetower.vision_model.visual.ln_post."},
    {"types.", "bridgetower.token_type_embeddings."},
    {"match_head.", "itm_score.fc."},
    {"text_head.", "itc_text_head.fc."},
    {"image_head.", "itc_image_head.fc."},
    {"both_head.", "itc_cross_modal_head.fc."},
    {"scale", "logit_scale"},
};

// Of the same family are checkpoints with either or both of two kinds of heads; config.json does not say.
Heads heads_of(const ModelFolder& folder) {
  const auto weights = checkpoint::Weights::open(folder.path, FileSystem::system());
  const Heads heads = {.contrastive = weights.find("itc_text_head.fc.weight") != nullptr,
                       .matching = weights.find("itm_score.fc.weight") != nullptr};
  if (!heads.contrastive && !heads.matching) {
    fail(ErrorCode::kUnsupported,
         "{}: its weights have neither itm_score nor itc_text_head; a checkpoint for image-text retrieval or "
         "contrastive learning is wanted",
         folder.path.string());
  }
  return heads;
}

}  // namespace

text::TokenizerOptions bridgetower_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kRobertaBpe,
          .max_length = static_cast<std::size_t>(read_bridgetower_config(config).words.max_tokens())};
}

Blueprint build_bridgetower(const ModelFolder& folder, const ModelOptions&) {
  const BridgeTowerConfig config = read_bridgetower_config(folder.config);
  const Heads heads = heads_of(folder);
  Blueprint blueprint{
      .network = std::make_shared<BridgeTowerNetwork>(config, heads),
      .names = side_names("text", config.cross) + side_names("image", config.cross) + kTowerNames,
      // The pooler and the word head are of other tasks.
      .ignored_weights = {"*.position_ids", "bridgetower.text_model.pooler.*", "*.ln_separate.*",
                          "mlm_score.*"},
      .heads = {"match_head.*", "text_head.*", "image_head.*", "both_head.*", "scale"},
      .images = PixelSpec{preprocessing_of(folder, "BridgeTowerImageProcessor"),
                          static_cast<std::size_t>(config.vision.image_size)},
      .vocabulary_size = static_cast<std::size_t>(config.words.vocabulary),
      .capabilities =
          Capabilities{
              .embed_text = heads.contrastive, .embed_image = heads.contrastive, .match = heads.matching},
      .info = {}};
  if (heads.contrastive) blueprint.info.embedding_dim = static_cast<std::size_t>(config.contrastive_dim);
  if (heads.matching) {
    const std::int64_t tokens = config.cross.layer.layers * (1 + config.vision.patches());
    blueprint.info.max_image_tokens = static_cast<std::size_t>(tokens);
    blueprint.info.image_token_width = static_cast<std::size_t>(config.text.width);
    // The tokens of several layers one after the other: merged, they would be taken for others.
    blueprint.info.first_whole_tokens = blueprint.info.max_image_tokens;
    blueprint.info.rerank_by_default = true;
  }
  return blueprint;
}

}  // namespace tandem::models

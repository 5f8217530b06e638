#include "models/altclip/altclip.h"

#include "models/bert_names.h"
#include "models/clip/clip_vision.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/text_embeddings.h"

namespace tandem::models {
namespace {

struct AltClipConfig {
  nn::TransformerConfig text;
  nn::TextEmbeddingsConfig words;
  std::int64_t teacher_width = 0;  // of the CLIP text tower that the text tower was taught by
  nn::VisionTransformerConfig vision;
  std::int64_t dim = 0;
};

// Defaults: those of the reference's AltCLIPTextConfig, AltCLIPVisionConfig and AltCLIPConfig.
AltClipConfig read_config(const checkpoint::Config& config) {
  AltClipConfig read;
  const checkpoint::Config text = sub_config(config, "text_config");
  read.text = read_transformer_config(text, {.layers = 24,
                                             .width = 1024,
                                             .heads = 16,
                                             .hidden = 4096,
                                             .eps = 1e-5,
                                             .activation = nn::Activation::kGelu,
                                             .pre_norm = false});
  read.words.width = read.text.width;
  read.words.eps = read.text.eps;
  read.words.vocabulary = text.get_int("vocab_size", 250002);
  read.words.padding_id = text.get_int("pad_token_id", 1, {0, read.words.vocabulary - 1});
  read.words.positions = text.get_int("max_position_embeddings", 514, {*read.words.padding_id + 3, 1 << 16});
  read.words.types = text.get_int("type_vocab_size", 1, {1, 1 << 10});
  read.teacher_width = text.get_int("project_dim", 768, {1, 1 << 16});
  read.vision = read_clip_vision(sub_config(config, "vision_config"));
  read.dim = config.get_int("projection_dim", 768, {1, 1 << 16});
  return read;
}

class AltClipNetwork final : public Network {
 public:
  explicit AltClipNetwork(const AltClipConfig& config) {
    words_ = register_module("words", nn::TextEmbeddings(config.words));
    text_ = register_module("text", nn::Transformer(config.text));
    text_norm_ = register_module("text_norm", nn::LayerNorm(config.text.width, config.text.eps));
    to_teacher_ = register_module("to_teacher", nn::Linear(config.text.width, config.teacher_width));
    text_projection_ =
        register_module("text_projection", nn::Linear(config.teacher_width, config.dim, /*bias=*/false));
    vision_ = register_module("vision", ClipVision(config.vision, config.dim));
    scale_ = register_parameter("scale", torch::empty({}));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    const at::Tensor first = text_norm_->forward(text_->forward_first(words_->forward(ids)));
    return nn::normalize_rows(text_projection_->forward(to_teacher_->forward(first)));
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
  nn::TextEmbeddings words_ = nullptr;
  nn::Transformer text_ = nullptr;
  nn::LayerNorm text_norm_ = nullptr;
  nn::Linear to_teacher_ = nullptr;
  nn::Linear text_projection_ = nullptr;
  ClipVision vision_ = nullptr;
  at::Tensor scale_;  // logarithm of the contrastive scale: read by training only
};

const NameMap kSideNames = {{"words", "text_model.roberta.embeddings", bert_embedding_names()},
                            {"text.", "text_model.roberta.encoder.layer.", bert_layer_names()},
                            {"text_norm.", "text_model.pre_LN."},
                            {"to_teacher.", "text_model.transformation."},
                            {"scale", "logit_scale"}};
// Version 5 of the reference calls the layers of the vision tower otherwise.
const NameMap kNewLayers = {{"vision.tower.layers.", "vision_model.encoder.layer.", clip_layer_names()}};

const NameMap kNames =
    (kSideNames + NameMap(clip_vision_names())) | (kSideNames + kNewLayers + NameMap(clip_vision_names()));

}  // namespace

text::TokenizerOptions altclip_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kXlmRoberta,
          .max_length = static_cast<std::size_t>(read_config(config).words.max_tokens())};
}

Blueprint build_altclip(const ModelFolder& folder, const ModelOptions&) {
  const AltClipConfig config = read_config(folder.config);
  Blueprint blueprint{.network = std::make_shared<AltClipNetwork>(config),
                      .names = kNames,
                      .ignored_weights = {"*.position_ids"},
                      .images = PixelSpec{preprocessing_of(folder, "CLIPImageProcessor"),
                                          static_cast<std::size_t>(config.vision.image_size)},
                      .vocabulary_size = static_cast<std::size_t>(config.words.vocabulary),
                      .capabilities = {},
                      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.dim);
  return blueprint;
}

}  // namespace tandem::models

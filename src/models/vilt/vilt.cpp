#include "models/vilt/vilt.h"

#include "core/fail.h"
#include "image/size_rule.h"
#include "models/bert_names.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"
#include "nn/layers.h"
#include "nn/text_embeddings.h"
#include "nn/transformer.h"

namespace tandem::models {
namespace {

struct ViltConfig {
  nn::TransformerConfig transformer;
  nn::TextEmbeddingsConfig words;
  std::int64_t modalities = 0;
  std::int64_t patch_size = 0;
  std::int64_t grid = 0;  // positions are learnt for grid × grid patches
};

// Defaults: those of the reference's ViltConfig.
ViltConfig read_config(const checkpoint::Config& config) {
  ViltConfig read;
  read.transformer = read_transformer_config(config, {.layers = 12,
                                                      .width = 768,
                                                      .heads = 12,
                                                      .hidden = 3072,
                                                      .eps = 1e-12,
                                                      .activation = nn::Activation::kGelu});
  read.transformer.qkv_bias = config.get_bool("qkv_bias", true);
  read.words = {.width = read.transformer.width,
                .vocabulary = config.get_int("vocab_size", 30522),
                .positions = config.get_int("max_position_embeddings", 40, {2, 1 << 16}),
                .types = config.get_int("type_vocab_size", 2, {1, 1 << 10}),
                .eps = read.transformer.eps};
  read.modalities = config.get_int("modality_type_vocab_size", 2, {2, 1 << 10});
  const std::int64_t image_size = config.get_int("image_size", 384, {1, 1 << 14});
  read.patch_size = config.get_int("patch_size", 32, {1, image_size});
  read.grid = image_size / read.patch_size;
  config.get_int("num_channels", 3, {3, 3});
  if (config.get_int("max_image_length", -1, {-1, 1 << 20}) >= 0) {
    config.reject("max_image_length", "-1: the patches of larger pictures would be drawn at random");
  }
  return read;
}

// A picture as the stream reads it: a class token and the patches, row by row, with their positions.
class ViltPatchesImpl : public torch::nn::Module {
 public:
  explicit ViltPatchesImpl(const ViltConfig& config) : patch_size_(config.patch_size), grid_(config.grid) {
    const std::int64_t width = config.transformer.width;
    class_token_ = register_parameter("class_token", torch::empty({width}));
    positions_ = register_parameter("positions", torch::empty({1 + grid_ * grid_, width}));
    patch_weight_ = register_parameter("patch_weight", torch::empty({width, 3, patch_size_, patch_size_}));
    patch_bias_ = register_parameter("patch_bias", torch::empty({width}));
  }

  // pixels: batch × 3 × any height × any width. Returns batch × (1 + patches) × width.
  at::Tensor forward(const at::Tensor& pixels) const {
    const at::Tensor patches = at::conv2d(pixels, patch_weight_, patch_bias_, patch_size_);
    // The learnt positions, stretched over the picture corner to corner.
    const at::Tensor learnt = positions_.slice(0, 1).t().unflatten(1, {grid_, grid_}).unsqueeze(0);
    const at::Tensor stretched =
        at::upsample_bilinear2d(learnt, {patches.size(2), patches.size(3)}, /*align_corners=*/true);
    const at::Tensor first = (class_token_ + positions_[0]).expand({pixels.size(0), 1, -1});
    return at::cat({first, (patches + stretched).flatten(2).transpose(1, 2)}, 1);
  }

 private:
  std::int64_t patch_size_;
  std::int64_t grid_;
  at::Tensor class_token_;  // width
  at::Tensor positions_;    // (1 + grid × grid) × width, that of the class token first
  at::Tensor patch_weight_;
  at::Tensor patch_bias_;
};
TORCH_MODULE(ViltPatches);

class ViltNetwork final : public Network {
 public:
  explicit ViltNetwork(const ViltConfig& config) {
    const std::int64_t width = config.transformer.width;
    words_ = register_module("words", nn::TextEmbeddings(config.words));
    patches_ = register_module("patches", ViltPatches(config));
    modalities_ = register_module("modalities", nn::Embedding(config.modalities, width));
    stream_ = register_module("stream", nn::Transformer(config.transformer));
    stream_norm_ = register_module("stream_norm", nn::LayerNorm(width, config.transformer.eps));
    pooler_ = register_module("pooler", nn::Linear(width, width));
    match_head_ = register_module("match_head", nn::Linear(width, 1));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    ImageStates states;
    if (outputs.tokens) states.tokens = patches_->forward(images.pixels) + modalities_->weight[1];
    return states;
  }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override {
    const at::Tensor words = words_->forward(ids) + modalities_->weight[0];
    const at::Tensor both = at::cat({words.expand({image_tokens.size(0), -1, -1}), image_tokens}, 1);
    const at::Tensor first = stream_norm_->forward(stream_->forward_first(both));
    return match_head_->forward(at::tanh(pooler_->forward(first))).select(1, 0);
  }

 private:
  nn::TextEmbeddings words_ = nullptr;
  ViltPatches patches_ = nullptr;
  nn::Embedding modalities_ = nullptr;  // 0: text, 1: picture
  nn::Transformer stream_ = nullptr;
  nn::LayerNorm stream_norm_ = nullptr;
  nn::Linear pooler_ = nullptr;
  nn::Linear match_head_ = nullptr;
};

const NameMap kNames = {
    {"words", "vilt.embeddings.text_embeddings", bert_embedding_names()},
    {"patches.class_token", "vilt.embeddings.cls_token"},
    {"patches.positions", "vilt.embeddings.position_embeddings"},
    {"patches.patch_", "vilt.embeddings.patch_embeddings.projection."},
    {"modalities.", "vilt.embeddings.token_type_embeddings."},
    {"stream.",
     "vilt.encoder.layer.",
     {{".attention.qkv",
       {".attention.attention.query", ".attention.attention.key", ".attention.attention.value"}},
      {".attention.output", {".attention.output.dense"}},
      {".norm1", {".layernorm_before"}},
      {".norm2", {".layernorm_after"}},
      {".up", {".intermediate.dense"}},
      {".down", {".output.dense"}}}},
    {"stream_norm.", "vilt.layernorm."},
    {"pooler.", "vilt.pooler.dense."},
    {"match_head.", "rank_output."},
};

// The largest picture that the preprocessing makes, in patches.
std::size_t max_patches(const image::PreprocessConfig& preprocessing, std::size_t patch_size,
                        const ModelFolder& folder) {
  if (!preprocessing.do_resize || preprocessing.size.rule != image::SizeRule::kMultipleOfSide) {
    fail(ErrorCode::kUnsupported,
         "{}: its pictures have no largest size; ViltImageProcessor with do_resize is wanted",
         folder.preprocessing->place);
  }
  const image::Size largest = image::largest_size(preprocessing.size);
  return (largest.height / patch_size) * (largest.width / patch_size);
}

}  // namespace

text::TokenizerOptions vilt_tokenizer(const checkpoint::Config& config) {
  return {.kind = text::TokenizerKind::kWordPiece,
          .max_length = static_cast<std::size_t>(read_config(config).words.positions)};
}

Blueprint build_vilt(const ModelFolder& folder, const ModelOptions&) {
  const ViltConfig config = read_config(folder.config);
  const auto preprocessing = preprocessing_of(folder, "ViltImageProcessor");
  Blueprint blueprint{.network = std::make_shared<ViltNetwork>(config),
                      .names = kNames,
                      .ignored_weights = {"*.position_ids"},
                      .heads = {"match_head.*", "pooler.*"},
                      .images = PixelSpec{preprocessing, 0},
                      .vocabulary_size = static_cast<std::size_t>(config.words.vocabulary),
                      .capabilities = {},
                      .info = {}};
  blueprint.info.max_image_tokens =
      1 + max_patches(preprocessing, static_cast<std::size_t>(config.patch_size), folder);
  blueprint.info.image_token_width = static_cast<std::size_t>(config.transformer.width);
  blueprint.info.first_whole_tokens = 1;  // the class token
  blueprint.info.rerank_by_default = true;
  return blueprint;
}

}  // namespace tandem::models

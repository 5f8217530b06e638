#include "models/tandem/tandem.h"

#include <cmath>
#include <memory>
#include <utility>

#include "models/tandem/tag_groups.h"
#include "models/tandem/tandem_config.h"
#include "models/tandem/tandem_names.h"
#include "nn/layers.h"
#include "nn/transformer.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

class TandemNetwork final : public Network {
 public:
  explicit TandemNetwork(const TandemConfig& config) : pool_(config.pool), width_(config.shared.width) {
    const std::int64_t vision_width = config.vision.transformer.width;
    vision_ = register_module("vision", nn::VisionTransformer(config.vision));
    vision_norm_ = register_module("vision_norm", nn::LayerNorm(vision_width, config.vision.transformer.eps));
    image_class_ = register_module("image_class", nn::Linear(vision_width, width_));
    image_grid_ = register_module("image_grid", nn::Linear(vision_width, width_));
    image_positions_ = register_parameter("image_positions", torch::empty({config.grid_tokens(), width_}));
    image_type_ = register_parameter("image_type", torch::empty({width_}));
    image_norm_ = register_module("image_norm", nn::LayerNorm(width_, config.shared.eps));
    if (config.tagger) {
      tagger_ = register_module("tagger", Tagger(*config.tagger));
      tag_type_ = register_parameter("tag_type", torch::empty({width_}));
      pad_ = config.tagger->pad;
    }

    words_ = register_module("words", nn::Embedding(config.vocabulary, width_));
    positions_ = register_module("positions", nn::Embedding(config.positions, width_));
    text_type_ = register_parameter("text_type", torch::empty({width_}));
    words_norm_ = register_module("words_norm", nn::LayerNorm(width_, config.stem.eps));
    stem_ = register_module("stem", nn::Transformer(config.stem));

    shared_ = register_module("shared", nn::Transformer(config.shared));
    match_token_ = register_parameter("match_token", torch::empty({width_}));
    match_hidden_ = register_module("match_hidden", nn::Linear(2 * width_, width_));
    match_out_ = register_module("match_out", nn::Linear(width_, 1));
    match_scale_ = register_parameter("match_scale", torch::empty({}));
    contrastive_scale_ = register_parameter("contrastive_scale", torch::empty({}));
  }

  at::Tensor embed_texts(const at::Tensor& ids) const override {
    return nn::normalize_rows(shared_->forward(text_states(ids)).mean(1));
  }

  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    const ImageBatch read = images.pixels.defined() ? read_tower(images) : images;
    const at::Tensor grid = grid_tokens(read.features);
    const auto groups = group_by_words(read.text, grid.size(0), pad_, grid.device());
    std::vector<at::Tensor> tokens, embeddings;
    for (const TagGroup& group : groups) {
      at::Tensor part = grid.index_select(0, group.members);
      if (group.words.defined()) part = at::cat({part, text_states(group.words) + tag_type_}, 1);
      if (outputs.embedding) {
        embeddings.push_back(nn::normalize_rows(shared_->forward(part).mean(1)).unsqueeze(1));
      }
      tokens.push_back(std::move(part));
    }
    ImageStates states;
    if (outputs.tokens) ungroup_tokens(groups, std::move(tokens), states);
    if (outputs.embedding) states.embeddings = ungroup(groups, embeddings);
    return states;
  }

  std::vector<std::string> tower() const override {
    std::vector<std::string> beginnings = {"vision.", "vision_norm."};
    if (tagger_) beginnings.emplace_back("tagger.");
    return beginnings;
  }

  // The class token, then a grid of pool × pool cells; the tags as words.
  ImageBatch read_tower(const ImageBatch& images) const override {
    const at::Tensor states = vision_norm_->forward(vision_->forward(images.pixels));
    const std::int64_t side = std::llround(std::sqrt(static_cast<double>(states.size(1) - 1)));
    const at::Tensor patches = states.slice(1, 1).transpose(1, 2).unflatten(2, {side, side});
    const at::Tensor cells =
        at::adaptive_avg_pool2d(at::avg_pool2d(patches, {2, 2}), {pool_, pool_}).flatten(2).transpose(1, 2);
    ImageBatch read = from_tower(at::cat({states.slice(1, 0, 1), cells}, 1));
    if (tagger_) read.text = tagger_->forward(images.pixels);
    return read;
  }

  at::Tensor contrastive_scale() const override { return contrastive_scale_; }

  at::Tensor match(const at::Tensor& ids, const at::Tensor& tokens) const override {
    const std::int64_t batch = tokens.size(0);
    const at::Tensor text = text_states(ids).expand({batch, -1, -1});
    const at::Tensor first = match_token_.expand({batch, 1, -1});
    const at::Tensor joint = shared_->forward(at::cat({first, text, tokens}, 1));

    const std::int64_t text_end = 1 + ids.size(1);
    const at::Tensor u = nn::normalize_rows(joint.slice(1, 1, text_end).mean(1));
    const at::Tensor w = nn::normalize_rows(joint.slice(1, text_end).mean(1));
    const at::Tensor product = u * w;
    const at::Tensor x = at::cat({joint.select(1, 0), product * std::sqrt(static_cast<double>(width_))}, -1);
    const at::Tensor correction = match_out_->forward(at::gelu(match_hidden_->forward(x))).squeeze(-1);
    return match_scale_ * product.sum(-1) + correction;
  }

 private:
  // Words to the input of the shared layers; depends on the text alone.
  at::Tensor text_states(const at::Tensor& ids) const {
    const at::Tensor embedded =
        words_->forward(ids) + positions_->weight.slice(0, 0, ids.size(1)) + text_type_;
    return stem_->forward(drop(words_norm_->forward(embedded)));
  }

  // What the tower gives to the input of the shared layers; the tags follow it there.
  at::Tensor grid_tokens(const at::Tensor& features) const {
    const at::Tensor tokens = at::cat(
        {image_class_->forward(features.slice(1, 0, 1)), image_grid_->forward(features.slice(1, 1))}, 1);
    return drop(image_norm_->forward(tokens + image_positions_ + image_type_));
  }

  std::int64_t pool_;
  std::int64_t width_;
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Linear image_class_ = nullptr;
  nn::Linear image_grid_ = nullptr;
  at::Tensor image_positions_;
  at::Tensor image_type_;
  nn::LayerNorm image_norm_ = nullptr;
  Tagger tagger_ = nullptr;  // none where config.json has none
  at::Tensor tag_type_;      // added to the states of the tags behind the stem, which is that of any text
  std::int64_t pad_ = 0;     // behind the tags of a batch
  nn::Embedding words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  at::Tensor text_type_;
  nn::LayerNorm words_norm_ = nullptr;
  nn::Transformer stem_ = nullptr;
  nn::Transformer shared_ = nullptr;
  at::Tensor match_token_;
  nn::Linear match_hidden_ = nullptr;
  nn::Linear match_out_ = nullptr;
  at::Tensor match_scale_;
  at::Tensor contrastive_scale_;  // a logarithm: read by training only
};

}  // namespace

Blueprint build_tandem(const ModelFolder& folder, const ModelOptions&) {
  const TandemConfig config = read_tandem_config(folder.config);
  Blueprint blueprint{
      .network = std::make_shared<TandemNetwork>(config),
      .names = tandem_names(),
      .ignored_weights = {},
      .heads = {"image_*", "text_type", "tag_type", "match_*", "contrastive_scale"},
      .images = PixelSpec{config.preprocessing, static_cast<std::size_t>(config.vision.image_size)},
      .vocabulary_size = static_cast<std::size_t>(config.vocabulary),
      .capabilities = {},
      .info = {}};
  blueprint.info.embedding_dim = static_cast<std::size_t>(config.shared.width);
  blueprint.info.max_image_tokens = static_cast<std::size_t>(config.image_tokens());
  blueprint.info.image_token_width = static_cast<std::size_t>(config.shared.width);
  blueprint.info.rerank_by_default = config.rerank;
  return blueprint;
}

}  // namespace tandem::models

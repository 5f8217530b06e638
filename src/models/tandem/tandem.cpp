#include "models/tandem/tandem.h"

#include <cmath>
#include <memory>
#include <utility>

#include "core/fail.h"
#include "models/groups.h"
#include "models/tandem/factor_heads.h"
#include "models/tandem/hubness.h"
#include "models/tandem/joint_sequences.h"
#include "models/tandem/kept_states.h"
#include "models/tandem/recent_texts.h"
#include "models/tandem/tag_groups.h"
#include "models/tandem/tandem_config.h"
#include "models/tandem/tandem_names.h"
#include "nn/layers.h"
#include "nn/packing.h"
#include "nn/transformer.h"
#include "nn/vision_transformer.h"

namespace tandem::models {
namespace {

std::vector<at::Tensor> ids_of(std::span<const TextGroup> texts) {
  std::vector<at::Tensor> ids;
  for (const TextGroup& group : texts) ids.push_back(group.ids);
  return ids;
}

class TandemNetwork final : public Network {
 public:
  explicit TandemNetwork(const TandemConfig& config)
      : pool_(config.pool), width_(config.shared.width), apart_(config.shared.layers - config.match_layers) {
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
    }

    words_ = register_module("words", nn::Vocabulary(config.vocabulary, width_));
    positions_ = register_module("positions", nn::Embedding(config.positions, width_));
    text_type_ = register_parameter("text_type", torch::empty({width_}));
    words_norm_ = register_module("words_norm", nn::LayerNorm(width_, config.stem.eps));
    stem_ = register_module("stem", nn::Transformer(config.stem));

    shared_ = register_module("shared", nn::Transformer(config.shared));
    match_token_ = register_parameter("match_token", torch::empty({width_}));
    match_hidden_ = register_module("match_hidden", nn::Linear(2 * width_, width_));
    match_out_ = register_module("match_out", nn::Linear(width_, 1));
    match_scale_ = register_parameter("match_scale", torch::empty({}));
    if (config.match_factors) {
      match_factors_ = register_module("match_factors", FactorHeads(*config.match_factors, width_,
                                                                    config.grid_tokens(), config.shared.eps));
    }
    if (config.match_hubness) {
      match_hubness_ = register_module("match_hubness", Hubness(*config.match_hubness, width_));
    }
    contrastive_scale_ = register_parameter("contrastive_scale", torch::empty({}));
    eval();  // until it is trained: a module begins as one that is
  }

  at::Tensor embed_text_groups(std::span<const TextGroup> texts) const override {
    return in_order(texts, {read_texts(texts, /*embedded=*/true).embeddings});
  }

  // The tokens are the states behind the shared layers that text and image go through apart, which are thus
  // computed once for each picture, and where the match has factors the picture's, filled up with zeros.
  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override {
    const Pictures pictures = input_of(images);
    const Packed input = packed(pictures.parts);
    const Packed states = {shared_->forward_packed_below(apart_, input.rows, input.runs), input.runs};
    ImageStates encoded;
    if (outputs.embedding) {
      encoded.embeddings = in_order(pictures.groups, {means_behind(apart_, states)}).unsqueeze(1);
    }
    if (!outputs.tokens) return encoded;
    std::vector<at::Tensor> tokens = nn::unpack(states.rows, states.runs);
    for (std::size_t i = 0; match_factors_ && i < tokens.size(); ++i) {
      const at::Tensor factor = match_factors_->images(pictures.parts[i]).unsqueeze(1);
      tokens[i] = at::cat({tokens[i], at::constant_pad_nd(factor, {0, width_ - factor.size(2)})}, 1);
    }
    set_tokens(pictures.groups, std::move(tokens), encoded);
    return encoded;
  }

  void set_match_precision(Precision precision) override {
    joint_ = nn::Transformer(shared_->copy_above(apart_));
    joint_->set_precision(precision);
  }

  void remember_texts(std::size_t count) override { recent_texts_.remember(count); }

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

  at::Tensor match_pairs(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                         std::span<const MatchPair> pairs) const override {
    std::vector<at::Tensor> images(image_tokens.begin(), image_tokens.end());
    if (match_factors_) {
      for (at::Tensor& one : images) one = one.slice(0, 0, -1);
    }
    const JointSequences sequences(texts, images, pairs);
    // Centres are those of the embeddings as they were when training stopped, so that they teach it nothing.
    const bool tells_hubs = match_hubness_ && !is_training();
    const TextStates read = read_texts(texts, /*embedded=*/tells_hubs);
    std::vector<at::Tensor> states = {match_token_.unsqueeze(0), read.apart};
    states.insert(states.end(), images.begin(), images.end());
    const at::Tensor rows = at::cat(states);
    const at::Tensor input = rows.index_select(0, to_tensor(sequences.rows(), rows.device()));
    const at::Tensor joint = joint_ ? joint_->forward_packed(input, sequences.runs())
                                    : shared_->forward_packed_above(apart_, input, sequences.runs());

    const at::Tensor parts = nn::stretch_means(joint, sequences.stretches()).unflatten(0, {-1, 3});
    at::Tensor logits = in_order(sequences.groups(), {match_logits(parts)});
    if (match_factors_) logits = logits + factor_logits(text_factors(texts, read.input), image_tokens, pairs);
    if (tells_hubs) logits = logits - hubness(texts, read.embeddings, pairs);
    return logits;
  }

  at::Tensor match_factor_scale() const override {
    return match_factors_ ? match_factors_->scale() : at::Tensor();
  }

  std::int64_t hubness_centres() const override { return match_hubness_ ? match_hubness_->centres() : 0; }

  void set_hubness(const at::Tensor& centres, const at::Tensor& log_shares) override {
    match_hubness_->set(centres, log_shares);
  }

  at::Tensor text_factors(std::span<const TextGroup> texts) const override {
    return text_factors(texts, text_states(ids_of(texts)));
  }

  at::Tensor image_factors(const ImageBatch& images) const override {
    const Pictures pictures = input_of(images);
    std::vector<at::Tensor> factors;
    for (const at::Tensor& part : pictures.parts) factors.push_back(match_factors_->images(part));
    return in_order(pictures.groups, factors);
  }

  void keep_text_states(const at::Tensor& ids) override {
    for (const char* stem : {"words.", "positions.", "text_type", "words_norm.", "stem."}) {
      for (const auto& item : named_parameters()) {
        if (!item.key().starts_with(stem) || !item.value().requires_grad()) continue;
        fail(ErrorCode::kInvalidArgument, "keep_texts: {} is trained; add \"{}*\" to freeze", item.key(),
             stem);
      }
    }
    const at::NoGradGuard no_grad;
    const Packed states = stem_states({ids});
    kept_states_.add(ids, nn::unpack(states.rows, states.runs).front());
  }

 private:
  // Sequences of several lengths.
  struct Packed {
    at::Tensor rows;
    std::vector<nn::Run> runs;
  };

  static Packed packed(const std::vector<at::Tensor>& parts) {
    Packed all{.rows = nn::pack(parts), .runs = {}};
    for (const at::Tensor& part : parts) all.runs.push_back({part.size(0), part.size(1)});
    return all;
  }

  // What the shared layers read of pictures, in groups of as many tokens: pictures × tokens × width.
  struct Pictures {
    std::vector<TagGroup> groups;
    std::vector<at::Tensor> parts;
  };

  Pictures input_of(const ImageBatch& images) const {
    ImageBatch read = images.pixels.defined() ? read_tower(images) : images;
    if (images.without_tags.defined() && read.text.defined()) {
      read.text = read.text.masked_fill(images.without_tags.unsqueeze(1), -1);
    }
    const at::Tensor grid = grid_tokens(read.features);
    Pictures pictures{group_by_words(read.text, grid.size(0), grid.device()), {}};
    pictures.parts = with_tags(grid, pictures.groups);
    return pictures;
  }

  // From behind the first `layers` shared layers to embeddings: sequences × width.
  at::Tensor means_behind(std::int64_t layers, const Packed& sequences) const {
    const at::Tensor states = shared_->forward_packed_above(layers, sequences.rows, sequences.runs);
    return nn::normalize_rows(nn::means(states, sequences.runs));
  }

  struct TextStates {
    Packed input;           // of the shared layers
    at::Tensor apart;       // its rows behind the shared layers that text and image go through apart
    at::Tensor embeddings;  // texts × width, in the order of the groups
  };

  // `embedded`: with embeddings; else there may be none.
  TextStates read_texts(std::span<const TextGroup> texts, bool embedded) const {
    const std::vector<at::Tensor> ids = ids_of(texts);
    TextStates states;
    if (const auto recent = recent_texts_.find(ids)) {
      states = {{recent->input, {{1, recent->input.size(0)}}}, recent->apart, recent->embedding};
      if (!embedded || states.embeddings.defined()) return states;
    } else {
      states.input = text_states(ids);
      states.apart = shared_->forward_packed_below(apart_, states.input.rows, states.input.runs);
    }
    if (embedded && !states.embeddings.defined()) {
      states.embeddings = means_behind(apart_, {states.apart, states.input.runs});
    }
    recent_texts_.add(ids, {states.input.rows, states.apart, states.embeddings});
    return states;
  }

  // As what is kept, where all of them are.
  Packed text_states(const std::vector<at::Tensor>& ids) const {
    const at::Tensor kept = kept_states_.find(ids);
    if (!kept.defined()) return stem_states(ids);
    Packed states{.rows = kept, .runs = {}};
    for (const at::Tensor& group : ids) states.runs.push_back({group.size(0), group.size(1)});
    return states;
  }

  // Words to the input of the shared layers; depends on the texts alone. `ids`: each texts × tokens.
  Packed stem_states(const std::vector<at::Tensor>& ids) const {
    std::vector<at::Tensor> words;
    for (const at::Tensor& group : ids) {
      words.push_back(words_->forward(group) + positions_->weight.slice(0, 0, group.size(1)));
    }
    Packed states = packed(words);
    states.rows = stem_->forward_packed(drop(words_norm_->forward(states.rows + text_type_)), states.runs);
    return states;
  }

  // Each group's pictures: what the tower gave, then the tags.
  std::vector<at::Tensor> with_tags(const at::Tensor& grid, const std::vector<TagGroup>& groups) const {
    std::vector<at::Tensor> words, parts;
    for (const TagGroup& group : groups) {
      if (group.words.defined()) words.push_back(group.words);
      const std::vector<std::int64_t> members(group.members.begin(), group.members.end());
      parts.push_back(grid.index_select(0, to_tensor(members, grid.device())));
    }
    if (words.empty()) return parts;
    const Packed states = text_states(words);
    const std::vector<at::Tensor> tags = nn::unpack(states.rows + tag_type_, states.runs);
    for (std::size_t i = 0, next = 0; i < groups.size(); ++i) {
      if (groups[i].words.defined()) parts[i] = at::cat({parts[i], tags[next++]}, 1);
    }
    return parts;
  }

  // words: the texts' states, in the order of the groups.
  at::Tensor text_factors(std::span<const TextGroup> texts, const Packed& words) const {
    return match_factors_->texts(in_order(texts, {nn::means(words.rows, words.runs)}));
  }

  at::Tensor factor_logits(const at::Tensor& text_factors, std::span<const at::Tensor> image_tokens,
                           std::span<const MatchPair> pairs) const {
    std::vector<at::Tensor> images;
    for (const at::Tensor& tokens : image_tokens)
      images.push_back(tokens[-1].slice(0, 0, text_factors.size(1)));
    const at::Tensor products = of_pairs(text_factors, pairs, &MatchPair::text) *
                                of_pairs(at::stack(images), pairs, &MatchPair::image);
    return match_factors_->scale() * products.sum(-1);
  }

  // embeddings: in the order of the groups.
  at::Tensor hubness(std::span<const TextGroup> texts, const at::Tensor& embeddings,
                     std::span<const MatchPair> pairs) const {
    return of_pairs(match_hubness_->forward(in_order(texts, {embeddings})), pairs, &MatchPair::text);
  }

  // Of each pair the row of its text or of its picture.
  static at::Tensor of_pairs(const at::Tensor& rows, std::span<const MatchPair> pairs,
                             std::size_t MatchPair::*side) {
    std::vector<std::int64_t> places;
    for (const MatchPair& pair : pairs) places.push_back(static_cast<std::int64_t>(pair.*side));
    return rows.index_select(0, to_tensor(places, rows.device()));
  }

  // parts: of the shared layers' states the match token, the mean of the text and that of the picture, each
  // pairs × 3 × width.
  at::Tensor match_logits(const at::Tensor& parts) const {
    const at::Tensor u = nn::normalize_rows(parts.select(1, 1));
    const at::Tensor w = nn::normalize_rows(parts.select(1, 2));
    const at::Tensor product = u * w;
    const at::Tensor x = at::cat({parts.select(1, 0), product * std::sqrt(static_cast<double>(width_))}, -1);
    const at::Tensor correction = match_out_->forward(at::gelu(match_hidden_->forward(x))).squeeze(-1);
    return match_scale_ * product.sum(-1) + correction;
  }

  // What the tower gives to the input of the shared layers; the tags follow it there.
  at::Tensor grid_tokens(const at::Tensor& features) const {
    const at::Tensor tokens = at::cat(
        {image_class_->forward(features.slice(1, 0, 1)), image_grid_->forward(features.slice(1, 1))}, 1);
    return drop(image_norm_->forward(tokens + image_positions_ + image_type_));
  }

  std::int64_t pool_;
  std::int64_t width_;
  std::int64_t apart_;  // shared layers that text and image go through apart before they are matched
  nn::VisionTransformer vision_ = nullptr;
  nn::LayerNorm vision_norm_ = nullptr;
  nn::Linear image_class_ = nullptr;
  nn::Linear image_grid_ = nullptr;
  at::Tensor image_positions_;
  at::Tensor image_type_;
  nn::LayerNorm image_norm_ = nullptr;
  Tagger tagger_ = nullptr;  // none where config.json has none
  at::Tensor tag_type_;      // added to the states of the tags behind the stem, which is that of any text
  nn::Vocabulary words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  at::Tensor text_type_;
  nn::LayerNorm words_norm_ = nullptr;
  nn::Transformer stem_ = nullptr;
  KeptStates kept_states_;
  mutable RecentTexts recent_texts_;
  nn::Transformer shared_ = nullptr;
  nn::Transformer joint_ = nullptr;  // the shared layers of the match, where it has a precision of its own
  at::Tensor match_token_;
  nn::Linear match_hidden_ = nullptr;
  nn::Linear match_out_ = nullptr;
  at::Tensor match_scale_;
  FactorHeads match_factors_ = nullptr;  // none where config.json has none
  Hubness match_hubness_ = nullptr;      // likewise
  at::Tensor contrastive_scale_;         // a logarithm: read by training only
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
  blueprint.info.first_whole_tokens = 1;
  blueprint.info.last_whole_tokens = config.match_factors ? 1 : 0;
  blueprint.info.match_precision = config.match_precision;
  blueprint.info.rerank_by_default = config.rerank;
  return blueprint;
}

}  // namespace tandem::models

#include "models/single_stream/single_stream.h"

#include <cmath>
#include <vector>

#include "models/single_stream/stored_regions.h"

namespace tandem::models {

SingleStreamNetwork::SingleStreamNetwork(const SingleStreamConfig& config,
                                         const std::shared_ptr<RegionEmbedding>& regions)
    : config_(config) {
  const std::int64_t width = config.transformer.width;
  words_ = register_module("words", nn::Vocabulary(config.vocabulary, width));
  positions_ = register_module("positions", nn::Embedding(config.positions, width));
  if (config.segments > 0) segments_ = register_module("segments", nn::Embedding(config.segments, width));
  words_norm_ = register_module("words_norm", nn::LayerNorm(width, config.transformer.eps));
  regions_ = register_module("regions", regions);
  layers_ = register_module("layers", nn::Transformer(config.transformer));
  if (!config.match) return;
  const std::int64_t hidden = config.match->hidden;
  if (config.match->pooled) pooler_ = register_module("pooler", nn::Linear(width, width));
  if (hidden > 0) match_hidden_ = register_module("match_hidden", nn::Linear(width, hidden));
  match_out_ = register_module("match_out", nn::Linear(hidden > 0 ? hidden : width, 2));
}

at::Tensor SingleStreamNetwork::zero_segments(const at::Tensor& words) const {
  return at::zeros({words.size(1)}, words.options().dtype(at::kLong).requires_grad(false));
}

at::Tensor SingleStreamNetwork::text_states(const at::Tensor& words, const at::Tensor& segments) const {
  at::Tensor states = words + positions_->weight.slice(0, 0, words.size(1));
  if (segments_) states = states + segments_->forward(segments);
  return drop(words_norm_->forward(states));
}

at::Tensor SingleStreamNetwork::stream(const at::Tensor& words, const at::Tensor& segments,
                                       const at::Tensor& regions) const {
  if (!regions.defined()) return text_states(words, segments);
  if (config_.regions_first) return text_states(at::cat({regions, words}, 1), segments);
  return at::cat({text_states(words, segments), regions}, 1);
}

at::Tensor SingleStreamNetwork::pool(const at::Tensor& states) const {
  const Pooling& pooling = config_.pooling.value();
  std::vector<at::Tensor> parts;
  if (pooling.first) parts.push_back(states.select(1, 0));
  if (pooling.max) parts.push_back(states.amax(1));
  if (pooling.mean) parts.push_back(states.mean(1));
  if (pooling.sum_by_root) {
    parts.push_back(states.sum(1) / std::sqrt(static_cast<double>(states.size(1))));
  }
  return nn::normalize_rows(at::cat(parts, -1));
}

at::Tensor SingleStreamNetwork::embed_texts(const at::Tensor& ids) const {
  const at::Tensor words = words_->forward(ids);
  return pool(layers_->forward(stream(words, zero_segments(words), {})));
}

ImageStates SingleStreamNetwork::encode_images(const ImageBatch& images, ImageOutputs outputs) const {
  const at::Tensor segment = config_.segments > 1 ? segments_->weight[1] : at::Tensor();
  const at::Tensor regions = drop(regions_->forward(images.features, images.boxes, segment));
  const at::Tensor words = words_->forward(images.text);
  ImageStates states;
  if (outputs.tokens) {
    const bool tags = config_.tags && words.size(1) > 1;
    states.tokens = config_.tags ? join_tags(regions, tags ? words.slice(1, 1) : at::Tensor()) : regions;
  }
  if (outputs.embedding) {
    states.embeddings = pool(layers_->forward(stream(words, zero_segments(words), regions))).unsqueeze(1);
  }
  return states;
}

at::Tensor SingleStreamNetwork::logits(const at::Tensor& words, const at::Tensor& segments,
                                       const at::Tensor& regions) const {
  at::Tensor read = layers_->forward_first(stream(words, segments, regions));
  if (config_.match->pooled) read = at::tanh(pooler_->forward(read));
  if (config_.match->hidden > 0) read = at::relu(match_hidden_->forward(read));
  const at::Tensor two = match_out_->forward(read);
  return two.select(1, 1) - two.select(1, 0);
}

at::Tensor SingleStreamNetwork::match_with_tags(const at::Tensor& ids, const at::Tensor& regions,
                                                at::Tensor tags) const {
  // An absent text leaves the picture's own.
  if (ids.size(1) == 1) {
    const at::Tensor words = at::cat({words_->forward(ids), tags}, 1);
    return logits(words, zero_segments(words), regions);
  }
  // The longer of the two loses its last word, the tags on a tie, until three special tokens find room.
  std::int64_t caption = ids.size(1) - 2, tag = tags.size(1) - 1;
  while (caption + tag + 3 > config_.max_text) --(caption > tag ? caption : tag);
  const at::Tensor own = words_->forward(ids);
  const at::Tensor words =
      at::cat({own.slice(1, 0, 1 + caption), own.slice(1, -1), tags.slice(1, 0, tag), tags.slice(1, -1)}, 1);
  const at::Tensor segments = at::ones_like(zero_segments(words));
  segments.slice(0, 0, caption + 2).zero_();
  return logits(words, segments, regions);
}

at::Tensor SingleStreamNetwork::match(const at::Tensor& ids, const at::Tensor& image_tokens) const {
  const auto plain = [&](const at::Tensor& text, const at::Tensor& regions) {
    const at::Tensor words = words_->forward(text).expand({regions.size(0), -1, -1});
    return logits(words, zero_segments(words), regions);
  };
  if (!config_.tags || !(image_tokens == 0).all(-1).any().item<bool>()) return plain(ids, image_tokens);
  // Tags differ in length: one picture after the other.
  std::vector<at::Tensor> scores;
  for (std::int64_t i = 0; i < image_tokens.size(0); ++i) {
    const StoredRegions stored = split_tags(image_tokens[i]);
    const at::Tensor regions = stored.regions.unsqueeze(0);
    const at::Tensor text = ids.size(0) == 1 ? ids : ids.slice(0, i, i + 1);
    scores.push_back(stored.words.defined() ? match_with_tags(text, regions, stored.words.unsqueeze(0))
                                            : plain(text, regions));
  }
  return at::cat(scores);
}

}  // namespace tandem::models

// The networks of Geigle et al. (TACL 2022): one transformer that reads words and regions in one sequence.
//
// The same weights embed a text alone and a picture alone, and read both together for a match (JOINT); a
// checkpoint may have one of the two heads only (EMB, CE). A family adds how it embeds regions, and where
// they stand in the sequence.
// Reference: the paper's code, github.com/UKPLab/MMT-Retrieval.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "models/network.h"
#include "nn/layers.h"
#include "nn/transformer.h"

namespace tandem::models {

// Which summaries of a sequence make an embedding; they are concatenated in this order.
struct Pooling {
  bool first = false;
  bool max = false;
  bool mean = false;
  bool sum_by_root = false;  // the sum divided by the root of the length

  std::int64_t parts() const { return first + max + mean + sum_by_root; }
};

struct MatchHead {
  bool pooled = true;       // reads tanh(linear(first token)), else the first token as it is
  std::int64_t hidden = 0;  // width of the layer between; 0: the head is one linear map
};

struct SingleStreamConfig {
  nn::TransformerConfig transformer = {.layers = 12,  // BERT-base
                                       .width = 768,
                                       .heads = 12,
                                       .hidden = 3072,
                                       .eps = 1e-12,
                                       .activation = nn::Activation::kGelu,
                                       .pre_norm = false};
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  std::int64_t segments = 0;   // 0: no segment embedding
  bool regions_first = false;  // and positions that run over the whole sequence
  bool tags = false;           // whether a picture may have object tags
  std::int64_t feature_width = 2048;
  std::int64_t max_regions = 0;
  std::int64_t max_text = 0;  // tokens, special ones included
  std::optional<Pooling> pooling;
  std::optional<MatchHead> match;
};

// features: batch × regions × feature width, boxes: batch × regions × 6 as in ImageBatch; segment: the
// embedding of segment 1, undefined where the family has none. Returns batch × regions × width.
class RegionEmbedding : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& features, const at::Tensor& boxes,
                             const at::Tensor& segment) const = 0;
};

class SingleStreamNetwork final : public Network {
 public:
  SingleStreamNetwork(const SingleStreamConfig& config, const std::shared_ptr<RegionEmbedding>& regions);

  at::Tensor embed_texts(const at::Tensor& ids) const override;
  ImageStates encode_images(const ImageBatch& images, ImageOutputs outputs) const override;
  at::Tensor match(const at::Tensor& ids, const at::Tensor& image_tokens) const override;

 private:
  // What the layers read of words, given their embeddings: batch × words × width.
  at::Tensor text_states(const at::Tensor& words, const at::Tensor& segments) const;
  at::Tensor zero_segments(const at::Tensor& words) const;
  // The whole sequence as the layers read it. Without `regions` (undefined) of a text alone.
  at::Tensor stream(const at::Tensor& words, const at::Tensor& segments, const at::Tensor& regions) const;
  at::Tensor pool(const at::Tensor& states) const;
  at::Tensor logits(const at::Tensor& words, const at::Tensor& segments, const at::Tensor& regions) const;
  at::Tensor match_with_tags(const at::Tensor& ids, const at::Tensor& regions, at::Tensor tags) const;

  SingleStreamConfig config_;
  nn::Vocabulary words_ = nullptr;
  nn::Embedding positions_ = nullptr;
  nn::Embedding segments_ = nullptr;
  nn::LayerNorm words_norm_ = nullptr;
  std::shared_ptr<RegionEmbedding> regions_;
  nn::Transformer layers_ = nullptr;
  nn::Linear pooler_ = nullptr;
  nn::Linear match_hidden_ = nullptr;
  nn::Linear match_out_ = nullptr;
};

}  // namespace tandem::models

// The Q-Former of BLIP-2: learnt queries and a text share their self-attention; the queries alone look at
// the picture, and have a feed-forward part of their own.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"
#include "nn/transformer.h"

namespace tandem::models {

struct QFormerConfig {
  nn::TransformerConfig transformer;  // memory_width: of the picture's states
  std::int64_t cross_every = 2;       // every how manieth layer, from the first on, looks at the picture
};

// norm(x + down(activate(up(x))))
class QFormerFeedForwardImpl : public torch::nn::Module {
 public:
  explicit QFormerFeedForwardImpl(const nn::TransformerConfig& config);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  nn::Activation activation_;
  nn::Linear up_ = nullptr;
  nn::Linear down_ = nullptr;
  nn::LayerNorm norm_ = nullptr;
};
TORCH_MODULE(QFormerFeedForward);

class QFormerLayerImpl : public torch::nn::Module {
 public:
  QFormerLayerImpl(const nn::TransformerConfig& config, bool looks_at_picture);
  // x: batch × (queries + text tokens) × width, of which the first `queries` are queries (none or all of
  // them may be). memory: batch × picture states × memory_width; not read without queries.
  at::Tensor forward(const at::Tensor& x, std::int64_t queries, const at::Tensor& memory) const;

 private:
  nn::SelfAttention attention_ = nullptr;
  nn::LayerNorm norm1_ = nullptr;
  nn::CrossAttention cross_ = nullptr;
  nn::LayerNorm norm_cross_ = nullptr;
  QFormerFeedForward for_text_ = nullptr;
  QFormerFeedForward for_queries_ = nullptr;
};
TORCH_MODULE(QFormerLayer);

class QFormerImpl : public torch::nn::Module {
 public:
  explicit QFormerImpl(const QFormerConfig& config);
  // As the layers' forward; a layer norm comes first.
  at::Tensor forward(const at::Tensor& x, std::int64_t queries, const at::Tensor& memory = {}) const;

 private:
  nn::LayerNorm norm_ = nullptr;
  std::vector<QFormerLayer> layers_;
};
TORCH_MODULE(QFormer);

}  // namespace tandem::models

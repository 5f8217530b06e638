// Attention pooling: many tokens become one vector (the head of SigLIP; Zhai et al., ICCV 2023).
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "nn/activation.h"
#include "nn/layers.h"
#include "nn/transformer.h"

namespace tandem::nn {

// A learnt probe attends to all tokens; a feed-forward part with a residual follows.
class AttentionPoolingImpl : public torch::nn::Module {
 public:
  // Of `config` it reads width, heads, hidden, eps and activation.
  explicit AttentionPoolingImpl(const TransformerConfig& config);
  // x: batch × tokens × width. Returns batch × width.
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t heads_;
  Activation activation_;
  at::Tensor probe_;      // width
  Linear qkv_ = nullptr;  // queries of the probe, keys and values of the tokens
  Linear output_ = nullptr;
  LayerNorm norm_ = nullptr;
  Linear up_ = nullptr;
  Linear down_ = nullptr;
};
TORCH_MODULE(AttentionPooling);

}  // namespace tandem::nn

// Transformer layers, in both orders of normalisation, with or without cross-attention.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/activation.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/layers.h"
#include "nn/packing.h"

namespace tandem::nn {

struct TransformerConfig {
  std::int64_t layers = 0;
  std::int64_t width = 0;
  std::int64_t heads = 0;
  std::int64_t hidden = 0;  // width of the feed-forward part
  double eps = 1e-5;        // of the layer norms
  Activation activation = Activation::kGelu;
  bool pre_norm = true;      // true: x + f(norm(x)), as in ViT and CLIP; false: norm(x + f(x)), as in BERT
  bool causal = false;       // a token sees only those before it
  bool qkv_bias = true;      // in the maps to queries, keys and values of self-attention
  bool layer_scale = false;  // both branches multiplied by a learnt vector, as in DINOv2
  std::int64_t memory_width = 0;  // of what cross-attention reads; 0: no cross-attention (post-norm only)
};

class TransformerLayerImpl : public DroppingModule {
 public:
  explicit TransformerLayerImpl(const TransformerConfig& config);
  // x: batch × tokens × width, or 1 × tokens × width, which is read with each memory. Without `memory`
  // (undefined) the cross-attention is left out.
  at::Tensor forward(const at::Tensor& x, const Memory& memory = {}) const;
  // The first token of each alone: batch × 1 × width.
  at::Tensor forward_first(const at::Tensor& x, const Memory& memory = {}) const;
  // rows × width, of sequences of several lengths; without cross-attention.
  at::Tensor forward_packed(const at::Tensor& rows, std::span<const Run> runs) const;

  void set_precision(Precision precision);
  // CrossAttention::convert(), so that one conversion serves all layers.
  Memory convert(const Memory& memory) const { return cross_ ? cross_->convert(memory) : memory; }

 private:
  // What self-attention reads of x.
  at::Tensor read(const at::Tensor& x) const { return pre_norm_ ? norm1_->forward(x) : x; }
  // The rest of the layer. `attended`: what self-attention makes of read(x).
  at::Tensor behind_attention(const at::Tensor& x, const at::Tensor& attended, const Memory& memory) const;
  at::Tensor feed_forward(const at::Tensor& x) const;

  bool pre_norm_;
  Activation activation_;
  SelfAttention attention_ = nullptr;
  LayerNorm norm1_ = nullptr;
  CrossAttention cross_ = nullptr;
  LayerNorm norm_cross_ = nullptr;
  Linear up_ = nullptr;
  Linear down_ = nullptr;
  LayerNorm norm2_ = nullptr;
  at::Tensor scale1_;
  at::Tensor scale2_;
};
TORCH_MODULE(TransformerLayer);

// A stack of layers, registered as "0", "1", ...
class TransformerImpl : public torch::nn::Module {
 public:
  explicit TransformerImpl(const TransformerConfig& config);
  at::Tensor forward(const at::Tensor& x, const Memory& memory = {}) const;
  // The first token of each, batch × width, behind the last layer, which computes no other.
  at::Tensor forward_first(const at::Tensor& x, const Memory& memory = {}) const;
  at::Tensor forward_packed(const at::Tensor& rows, std::span<const Run> runs) const;
  // Through the first `count` layers, and through those behind them.
  at::Tensor forward_packed_below(std::int64_t count, const at::Tensor& rows,
                                  std::span<const Run> runs) const;
  at::Tensor forward_packed_above(std::int64_t count, const at::Tensor& rows,
                                  std::span<const Run> runs) const;
  // The states behind each of the last `count` layers, of which there are as many or more.
  std::vector<at::Tensor> last_states(at::Tensor x, std::int64_t count) const;

  void set_precision(Precision precision);
  // Other layers with the weights of those behind the first `count`, to be computed in another precision.
  std::shared_ptr<TransformerImpl> copy_above(std::int64_t count) const;

 private:
  // Through the first `count` layers.
  at::Tensor run(at::Tensor x, const Memory& memory, std::size_t count) const;

  TransformerConfig config_;
  std::vector<TransformerLayer> layers_;
};
TORCH_MODULE(Transformer);

}  // namespace tandem::nn

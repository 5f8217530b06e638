// EfficientNet-Lite: the class of a picture, by convolutions (Tan and Le, ICML 2019; Lite: ReLU6, and neither
// swish nor squeeze-and-excitation).
//
// For inference: the batch norm behind each convolution is part of its kernel and its bias.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "nn/layers.h"

namespace tandem::nn {

struct EfficientNetConfig {
  // Layers that follow each other; the first has the stride and changes the width.
  struct Stage {
    std::int64_t layers = 0;
    std::int64_t kernel = 0;
    std::int64_t stride = 0;
    std::int64_t expansion = 0;  // how many times wider a layer is inside; 1: no wider
    std::int64_t width = 0;
  };
  std::int64_t stem = 0;  // width behind the first convolution
  std::vector<Stage> stages;
  std::int64_t head = 0;  // width of what is averaged
  std::int64_t classes = 0;
};

// Pads as TensorFlow's "same" does: a stride of n leaves ⌈side / n⌉ of each side.
class ConvolutionImpl : public torch::nn::Module {
 public:
  ConvolutionImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
                  std::int64_t groups = 1);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::int64_t stride_;
  std::int64_t groups_;
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(Convolution);

// Widened, filtered channel by channel, narrowed; added to its input where the shapes agree.
class InvertedBottleneckImpl : public torch::nn::Module {
 public:
  InvertedBottleneckImpl(std::int64_t in, const EfficientNetConfig::Stage& stage, std::int64_t stride);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  bool residual_;
  Convolution expand_ = nullptr;
  Convolution depthwise_ = nullptr;
  Convolution project_ = nullptr;
};
TORCH_MODULE(InvertedBottleneck);

class EfficientNetImpl : public torch::nn::Module {
 public:
  explicit EfficientNetImpl(const EfficientNetConfig& config);
  // pixels: batch × 3 × height × width, of any size. Returns batch × classes, the logits.
  at::Tensor forward(const at::Tensor& pixels) const;

 private:
  Convolution stem_ = nullptr;
  std::vector<InvertedBottleneck> layers_;
  Convolution head_ = nullptr;
  Linear classes_ = nullptr;
};
TORCH_MODULE(EfficientNet);

}  // namespace tandem::nn

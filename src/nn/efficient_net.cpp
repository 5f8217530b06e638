#include "nn/efficient_net.h"

#include <algorithm>
#include <string>

namespace tandem::nn {
namespace {

// How much is added to a side; where it is odd there is one more behind than before.
std::int64_t same_padding(std::int64_t side, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t steps = (side + stride - 1) / stride;
  return std::max<std::int64_t>((steps - 1) * stride + kernel - side, 0);
}

}  // namespace

ConvolutionImpl::ConvolutionImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                                 std::int64_t groups)
    : stride_(stride), groups_(groups) {
  weight_ = register_parameter("weight", torch::empty({out, in / groups, kernel, kernel}));
  bias_ = register_parameter("bias", torch::empty({out}));
}

at::Tensor ConvolutionImpl::forward(const at::Tensor& x) const {
  const std::int64_t rows = same_padding(x.size(2), weight_.size(2), stride_);
  const std::int64_t columns = same_padding(x.size(3), weight_.size(3), stride_);
  const at::Tensor padded =
      at::constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
  return at::conv2d(padded, weight_, bias_, stride_, "valid", /*dilation=*/1, groups_);
}

InvertedBottleneckImpl::InvertedBottleneckImpl(std::int64_t in, const EfficientNetConfig::Stage& stage,
                                               std::int64_t stride)
    : residual_(stride == 1 && in == stage.width) {
  const std::int64_t inside = in * stage.expansion;
  if (stage.expansion > 1) expand_ = register_module("expand", Convolution(in, inside, 1));
  depthwise_ = register_module("depthwise", Convolution(inside, inside, stage.kernel, stride, inside));
  project_ = register_module("project", Convolution(inside, stage.width, 1));
}

at::Tensor InvertedBottleneckImpl::forward(const at::Tensor& x) const {
  const at::Tensor wide = expand_ ? at::relu6(expand_->forward(x)) : x;
  const at::Tensor narrow = project_->forward(at::relu6(depthwise_->forward(wide)));
  return residual_ ? x + narrow : narrow;
}

EfficientNetImpl::EfficientNetImpl(const EfficientNetConfig& config) {
  stem_ = register_module("stem", Convolution(3, config.stem, 3, 2));
  auto layers = register_module("layers", torch::nn::ModuleList());
  std::int64_t width = config.stem;
  for (const EfficientNetConfig::Stage& stage : config.stages) {
    for (std::int64_t i = 0; i < stage.layers; ++i) {
      layers_.emplace_back(width, stage, i == 0 ? stage.stride : 1);
      layers->push_back(layers_.back());
      width = stage.width;
    }
  }
  head_ = register_module("head", Convolution(width, config.head, 1));
  classes_ = register_module("classes", Linear(config.head, config.classes));
}

at::Tensor EfficientNetImpl::forward(const at::Tensor& pixels) const {
  at::Tensor x = at::relu6(stem_->forward(pixels));
  for (const auto& layer : layers_) x = layer->forward(x);
  return classes_->forward(at::relu6(head_->forward(x)).mean({2, 3}));
}

}  // namespace tandem::nn

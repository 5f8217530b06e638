// How near a text is to pictures at large.
//
// A text that is near to many pictures, a hub (Radovanović et al., JMLR 2010), comes first for pictures that
// it does not describe. The match subtracts that nearness: the logarithm of the mean exponential of scaled
// cosines with the pictures of training, as the inverted softmax (Smith et al., ICLR 2017) and querybank
// normalisation (Bogolin et al., CVPR 2022) have it. Here centres stand for the pictures nearest to them.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tandem::models {

struct HubnessConfig {
  std::int64_t centres = 0;
  double scale = 0;   // of the cosines
  double weight = 0;  // of the nearness, in the logit
};

class HubnessImpl : public torch::nn::Module {
 public:
  HubnessImpl(const HubnessConfig& config, std::int64_t width);
  // embeddings: texts × width, rows of length 1. Returns of each what is subtracted from its logits.
  at::Tensor forward(const at::Tensor& embeddings) const;
  // centres: centres × width; log_shares: the logarithm of each one's share of the pictures.
  void set(const at::Tensor& centres, const at::Tensor& log_shares);
  std::int64_t centres() const { return config_.centres; }

 private:
  HubnessConfig config_;
  at::Tensor centres_, log_shares_;  // computed, never learnt
};
TORCH_MODULE(Hubness);

}  // namespace tandem::models

// Dropout (Srivastava et al., 2014), of networks that are trained.
#pragma once

#include <torch/torch.h>

namespace tandem::nn {

// A part of a network that drops values while it is trained. It begins without.
class DroppingModule : public torch::nn::Module {
 public:
  void set_dropout(double probability) { dropout_ = probability; }

 protected:
  // The probability now: 0 unless the module is in training mode.
  double dropout() const { return is_training() ? dropout_ : 0; }
  at::Tensor drop(const at::Tensor& x) const {
    return dropout() > 0 ? at::dropout(x, dropout_, /*train=*/true) : x;
  }

 private:
  double dropout_ = 0;
};

// In all parts of the network. `probability`: within [0, 1).
void set_dropout(torch::nn::Module& network, double probability);

}  // namespace tandem::nn

// Mixed precision while it lives: matrix products in bfloat16, where PyTorch's autocast does so.
//
// For one thread, which it belongs to.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace tandem::training {

class Autocast {
 public:
  Autocast(bool wanted, at::DeviceType device) : wanted_(wanted), device_(device) {
    if (!wanted_) return;
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!wanted_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool wanted_;
  at::DeviceType device_;
};

}  // namespace tandem::training

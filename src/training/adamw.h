// Adam with decoupled weight decay (Loshchilov & Hutter, ICLR 2019), in two variants that differ in more than
// rounding.
//
// For one thread.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tandem/training.h"

namespace tandem::training {

// A parameter that is trained, with what the optimiser knows of it.
struct TrainedParameter {
  std::string name;
  at::Tensor value = {};
  double rate_factor = 1;
  bool decays = true;
  at::Tensor mean = {};    // of gradients; undefined before the first step
  at::Tensor square = {};  // mean of squared gradients
  std::int64_t steps = 0;  // in which it had a gradient
};

class AdamW {
 public:
  // Reads optimiser, betas, epsilon and weight_decay.
  AdamW(std::vector<TrainedParameter> parameters, const TrainingOptions& options);

  std::vector<TrainedParameter>& parameters() { return parameters_; }
  const std::vector<TrainedParameter>& parameters() const { return parameters_; }

  // Shrinks all gradients by one factor where their norm together is above `max_norm` (0: never). Returns the
  // norm as it was.
  double clip_gradients(double max_norm);
  // A parameter without a gradient is left as it is altogether: no decay, no momentum.
  void step(double rate);
  void zero_gradients();

 private:
  double gradient_norm() const;
  void update(TrainedParameter& parameter, double rate) const;

  std::vector<TrainedParameter> parameters_;
  Optimiser kind_;
  double beta1_;
  double beta2_;
  double epsilon_;
  double weight_decay_;
};

}  // namespace tandem::training

#include "training/adamw.h"

#include <cmath>
#include <utility>

namespace tandem::training {

AdamW::AdamW(std::vector<TrainedParameter> parameters, const TrainingOptions& options)
    : parameters_(std::move(parameters)),
      kind_(options.optimiser),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon),
      weight_decay_(options.weight_decay) {}

double AdamW::gradient_norm() const {
  std::vector<at::Tensor> norms;
  for (const TrainedParameter& parameter : parameters_) {
    if (parameter.value.grad().defined()) norms.push_back(at::linalg_vector_norm(parameter.value.grad()));
  }
  return norms.empty() ? 0 : at::linalg_vector_norm(at::stack(norms)).item<double>();
}

double AdamW::clip_gradients(double max_norm) {
  const at::NoGradGuard no_grad;
  const double norm = gradient_norm();
  // PyTorch adds this to the norm.
  const double factor = max_norm / (norm + 1e-6);
  if (max_norm == 0 || !(factor < 1)) return norm;
  for (TrainedParameter& parameter : parameters_) {
    if (parameter.value.grad().defined()) parameter.value.mutable_grad().mul_(factor);
  }
  return norm;
}

void AdamW::step(double rate) {
  const at::NoGradGuard no_grad;
  for (TrainedParameter& parameter : parameters_) {
    if (parameter.value.grad().defined()) update(parameter, rate * parameter.rate_factor);
  }
}

void AdamW::update(TrainedParameter& parameter, double rate) const {
  if (!parameter.mean.defined()) {
    parameter.mean = at::zeros_like(parameter.value);
    parameter.square = at::zeros_like(parameter.value);
  }
  const at::Tensor& gradient = parameter.value.grad();
  const double decay = parameter.decays ? rate * weight_decay_ : 0;
  const auto steps = static_cast<double>(++parameter.steps);
  const double correction1 = 1 - std::pow(beta1_, steps);
  const double correction2 = std::sqrt(1 - std::pow(beta2_, steps));

  parameter.mean.mul_(beta1_).add_(gradient, 1 - beta1_);
  parameter.square.mul_(beta2_).addcmul_(gradient, gradient, 1 - beta2_);
  if (kind_ == Optimiser::kAdamW) {
    parameter.value.mul_(1 - decay);
    const at::Tensor root = (parameter.square.sqrt() / correction2).add_(epsilon_);
    parameter.value.addcdiv_(parameter.mean, root, -rate / correction1);
    return;
  }
  const at::Tensor root = parameter.square.sqrt().add_(epsilon_);
  parameter.value.addcdiv_(parameter.mean, root, -rate * correction2 / correction1);
  parameter.value.mul_(1 - decay);
}

void AdamW::zero_gradients() {
  for (TrainedParameter& parameter : parameters_) parameter.value.mutable_grad() = at::Tensor();
}

}  // namespace tandem::training

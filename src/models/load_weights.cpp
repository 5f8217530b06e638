#include "models/load_weights.h"

#include <torch/torch.h>

#include <algorithm>
#include <vector>

#include "checkpoint/strict_load.h"
#include "core/fail.h"

namespace tandem::models {
namespace {

using checkpoint::Shape;

struct Parameter {
  at::Tensor tensor;
  std::vector<std::string> parts;  // names in the checkpoint, along the first dimension
};

std::vector<Parameter> plan(const Network& network, const NameMap& names) {
  std::vector<Parameter> plan;
  for (const auto& parameter : network.named_parameters()) {
    plan.push_back({parameter.value(), names.checkpoint_names(parameter.key())});
  }
  return plan;
}

Shape without_leading_ones(const Shape& shape) {
  return {std::find_if(shape.begin(), shape.end(), [](std::int64_t side) { return side != 1; }), shape.end()};
}

// The shape wanted of each part, written as the checkpoint writes it where only leading ones differ.
Shape wanted_shape(const Parameter& parameter, const checkpoint::TensorView* found) {
  Shape shape = parameter.tensor.sizes().vec();
  if (parameter.parts.size() > 1) shape[0] /= static_cast<std::int64_t>(parameter.parts.size());
  if (found != nullptr && without_leading_ones(found->shape) == without_leading_ones(shape))
    return found->shape;
  return shape;
}

void require_finite(const at::Tensor& tensor, const std::string& name, const checkpoint::Weights& weights) {
  // A sum is not finite if any value is not; only then is it worth looking at each.
  if (std::isfinite(tensor.sum().item<float>()) || at::isfinite(tensor).all().item<bool>()) return;
  fail(ErrorCode::kBadFormat, "{}: weight \"{}\" has values that are not finite; the file is damaged",
       weights.folder().string(), name);
}

}  // namespace

void load_weights(Network& network, const checkpoint::Weights& weights, const NameMap& names,
                  std::span<const std::string> ignored) {
  const at::NoGradGuard no_grad;
  const std::vector<Parameter> parameters = plan(network, names);

  std::vector<checkpoint::WantedTensor> wanted;
  for (const Parameter& parameter : parameters) {
    for (const std::string& name : parameter.parts) {
      wanted.push_back({name, wanted_shape(parameter, weights.find(name))});
    }
  }
  checkpoint::check_strictly(weights, wanted, ignored);

  for (const Parameter& parameter : parameters) {
    const std::size_t count = static_cast<std::size_t>(parameter.tensor.numel()) / parameter.parts.size();
    float* out = parameter.tensor.data_ptr<float>();
    for (const std::string& name : parameter.parts) {
      weights.read(name, {out, count});
      out += count;
    }
    require_finite(parameter.tensor, parameter.parts.front(), weights);
  }
}

}  // namespace tandem::models

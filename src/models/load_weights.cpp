#include "models/load_weights.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "checkpoint/strict_load.h"
#include "core/fail.h"

namespace tandem::models {
namespace {

using checkpoint::Shape;

struct Parameter {
  std::string name;  // ours
  at::Tensor tensor;
  StoredNames names;
};

std::vector<Parameter> plan(const Network& network, const NameMap& names, std::size_t layout) {
  std::vector<Parameter> plan;
  for (const auto& parameter : network.named_parameters()) {
    plan.push_back({parameter.key(), parameter.value(), names.checkpoint_names(parameter.key(), layout)});
  }
  return plan;
}

// By the layout of which the checkpoint has the most names; the first where it does not matter.
std::vector<Parameter> plan(const Network& network, const NameMap& names,
                            const checkpoint::Weights& weights) {
  std::vector<Parameter> best;
  std::ptrdiff_t most = -1;
  for (std::size_t layout = 0; layout < names.layouts(); ++layout) {
    std::vector<Parameter> candidate = plan(network, names, layout);
    const std::ptrdiff_t found = std::ranges::count_if(candidate, [&](const Parameter& parameter) {
      return weights.find(parameter.names.parts.front()) != nullptr;
    });
    if (found > most) {
      most = found;
      best = std::move(candidate);
    }
  }
  return best;
}

Shape without_leading_ones(const Shape& shape) {
  return {std::find_if(shape.begin(), shape.end(), [](std::int64_t side) { return side != 1; }), shape.end()};
}

// The shape wanted of each part, written as the checkpoint writes it where only leading ones differ.
Shape wanted_shape(const Parameter& parameter, const checkpoint::TensorView* found) {
  Shape shape = parameter.tensor.sizes().vec();
  if (parameter.names.transposed) std::ranges::reverse(shape);
  const std::size_t parts = parameter.names.parts.size();
  if (parts > 1) shape[0] /= static_cast<std::int64_t>(parts);
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

void fill(const at::Tensor& tensor, const std::vector<std::string>& parts,
          const checkpoint::Weights& weights) {
  const std::size_t count = static_cast<std::size_t>(tensor.numel()) / parts.size();
  float* out = tensor.data_ptr<float>();
  for (const std::string& name : parts) {
    weights.read(name, {out, count});
    out += count;
  }
}

// Of the optional parameters those that the checkpoint has nothing of.
std::vector<std::string> take_missing(std::vector<Parameter>& parameters, const checkpoint::Weights& weights,
                                      std::span<const std::string> optional) {
  std::vector<std::string> missing;
  std::erase_if(parameters, [&](const Parameter& parameter) {
    const auto is_stored = [&](const std::string& name) { return weights.find(name) != nullptr; };
    if (!checkpoint::matches_any(optional, parameter.name) ||
        std::ranges::any_of(parameter.names.parts, is_stored)) {
      return false;
    }
    missing.push_back(parameter.name);
    return true;
  });
  return missing;
}

}  // namespace

std::vector<std::string> load_weights(Network& network, const checkpoint::Weights& weights,
                                      const NameMap& names, std::span<const std::string> ignored,
                                      std::span<const std::string> optional) {
  const at::NoGradGuard no_grad;
  std::vector<Parameter> parameters = plan(network, names, weights);
  const std::vector<std::string> missing = take_missing(parameters, weights, optional);

  std::vector<checkpoint::WantedTensor> wanted;
  for (const Parameter& parameter : parameters) {
    for (const std::string& name : parameter.names.parts) {
      wanted.push_back({name, wanted_shape(parameter, weights.find(name))});
    }
  }
  checkpoint::check_strictly(weights, wanted, ignored);

  for (const Parameter& parameter : parameters) {
    const at::Tensor& tensor = parameter.tensor;
    if (parameter.names.transposed) {
      const at::Tensor stored = at::empty({tensor.size(1), tensor.size(0)});
      fill(stored, parameter.names.parts, weights);
      tensor.copy_(stored.t());
    } else {
      fill(tensor, parameter.names.parts, weights);
    }
    require_finite(tensor, parameter.names.parts.front(), weights);
  }
  return missing;
}

}  // namespace tandem::models

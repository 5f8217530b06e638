#include "models/load_weights.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <map>
#include <utility>

#include "checkpoint/strict_load.h"
#include "core/fail.h"
#include "nn/layers.h"

namespace tandem::models {
namespace {

using checkpoint::Shape;

constexpr std::int64_t kReleasedAtOnce = std::int64_t{4}
                                         << 20;  // values; not each time, for it stops all threads

std::vector<StoredParameter> plan(const Network& network, const NameMap& names, std::size_t layout) {
  std::vector<StoredParameter> plan;
  for (const auto& parameter : network.named_parameters()) {
    plan.push_back({parameter.key(), parameter.value(), names.checkpoint_names(parameter.key(), layout)});
  }
  return plan;
}

// By the layout of which the checkpoint has the most names; the first where it does not matter.
std::vector<StoredParameter> plan(const Network& network, const NameMap& names,
                                  const checkpoint::Weights& weights) {
  std::vector<StoredParameter> best;
  std::ptrdiff_t most = -1;
  for (std::size_t layout = 0; layout < names.layouts(); ++layout) {
    std::vector<StoredParameter> candidate = plan(network, names, layout);
    const std::ptrdiff_t found = std::ranges::count_if(candidate, [&](const StoredParameter& parameter) {
      return weights.find(parameter.stored.parts.front()) != nullptr;
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
Shape wanted_shape(const StoredParameter& parameter, const checkpoint::TensorView* found) {
  Shape shape = parameter.tensor.sizes().vec();
  if (parameter.stored.transposed) std::ranges::reverse(shape);
  const std::size_t parts = parameter.stored.parts.size();
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
std::vector<std::string> take_missing(std::vector<StoredParameter>& parameters,
                                      const checkpoint::Weights& weights,
                                      std::span<const std::string> optional) {
  std::vector<std::string> missing;
  std::erase_if(parameters, [&](const StoredParameter& parameter) {
    const auto is_stored = [&](const std::string& name) { return weights.find(name) != nullptr; };
    if (!checkpoint::matches_any(optional, parameter.name) ||
        std::ranges::any_of(parameter.stored.parts, is_stored)) {
      return false;
    }
    missing.push_back(parameter.name);
    return true;
  });
  return missing;
}

void load_parameter(const StoredParameter& parameter, const checkpoint::Weights& weights) {
  const at::NoGradGuard no_grad;
  const at::Tensor& tensor = parameter.tensor;
  if (parameter.stored.transposed) {
    const at::Tensor stored = at::empty({tensor.size(1), tensor.size(0)});
    fill(stored, parameter.stored.parts, weights);
    tensor.copy_(stored.t());
  } else {
    fill(tensor, parameter.stored.parts, weights);
  }
  require_finite(tensor, parameter.stored.parts.front(), weights);
}

void load_int8(nn::VocabularyImpl& table, const std::string& stored, const checkpoint::Weights& weights) {
  const at::NoGradGuard no_grad;
  const at::Tensor steps = at::empty(table.weight.sizes(), at::kChar);
  const at::Tensor scales = at::empty({steps.size(0)});
  weights.read_int8(stored, {steps.data_ptr<std::int8_t>(), static_cast<std::size_t>(steps.numel())},
                    {scales.data_ptr<float>(), static_cast<std::size_t>(scales.numel())});
  constexpr int kLargest = 128;  // of a stored value: what is read later is finite too
  require_finite(scales * kLargest, stored, weights);
  table.keep_int8(steps, scales);
}

// Its vocabularies, by the names of their parameters.
std::map<std::string, nn::VocabularyImpl*> vocabularies(const Network& network) {
  std::map<std::string, nn::VocabularyImpl*> found;
  for (const auto& item : network.named_modules("", /*include_self=*/false)) {
    auto* table = dynamic_cast<nn::VocabularyImpl*>(item.value().get());
    if (table != nullptr) found.emplace(item.key() + ".weight", table);
  }
  return found;
}

}  // namespace

WeightLoader::WeightLoader(std::shared_ptr<const Network> network, checkpoint::Weights weights,
                           const NameMap& names, std::span<const std::string> ignored,
                           std::span<const std::string> optional)
    : network_(std::move(network)),
      weights_(std::move(weights)),
      parameters_(plan(*network_, names, weights_)),
      missing_(take_missing(parameters_, weights_, optional)) {
  std::vector<checkpoint::WantedTensor> wanted;
  for (const StoredParameter& parameter : parameters_) {
    for (const std::string& name : parameter.stored.parts) {
      wanted.push_back({name, wanted_shape(parameter, weights_.find(name))});
    }
  }
  checkpoint::check_strictly(weights_, wanted, ignored);
}

void WeightLoader::load(Part part, bool compact) const {
  const auto tables = compact ? vocabularies(*network_) : std::map<std::string, nn::VocabularyImpl*>();
  const auto load_one = [&](const StoredParameter& parameter) {
    const auto table = tables.find(parameter.name);
    const std::string& stored = parameter.stored.parts.front();
    if (table != tables.end() && weights_.is_quantised(stored)) {
      load_int8(*table->second, stored, weights_);
    } else {
      load_parameter(parameter, weights_);
    }
  };
  // They differ in size: each thread takes the next one.
  std::atomic<std::size_t> next = 0;
  std::atomic<std::int64_t> read = 0;
  at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) {
    for (std::size_t i = next++; i < parameters_.size(); i = next++) {
      if (network_->part_of(parameters_[i].name) != part) continue;
      const std::int64_t count = parameters_[i].tensor.numel();
      load_one(parameters_[i]);
      // A model is not in memory twice while it is loaded.
      const std::int64_t before = read.fetch_add(count);
      if (before / kReleasedAtOnce != (before + count) / kReleasedAtOnce) weights_.release();
    }
  });
  weights_.release();
}

}  // namespace tandem::models

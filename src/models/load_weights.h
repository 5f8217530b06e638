// Filling a network from a checkpoint, strictly.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/safetensors_index.h"
#include "models/name_map.h"
#include "models/network.h"

namespace tandem::models {

// A parameter of ours, and where the checkpoint has it.
struct StoredParameter {
  std::string name;
  at::Tensor tensor;
  StoredNames stored;
};

class WeightLoader {
 public:
  // Every parameter must be among the weights, with its shape but for leading dimensions of 1, and every
  // weight be one, but for those that match a pattern of `ignored`. Parameters whose names here match a
  // pattern of `optional` may be missing: they are left as they are. Throws BadFormat with every missing,
  // unused and misshapen name in one report.
  WeightLoader(std::shared_ptr<const Network> network, checkpoint::Weights weights, const NameMap& names,
               std::span<const std::string> ignored, std::span<const std::string> optional = {});

  const checkpoint::Weights& weights() const { return weights_; }
  // The optional ones that the checkpoint has nothing of.
  const std::vector<std::string>& missing() const { return missing_; }

  // Gives every parameter of a part its value as float32; of a `compact` network, which is not trained or
  // saved, the tables of vocabularies that are stored as int8 stay so. Throws BadFormat for values that are
  // not finite.
  void load(Part part, bool compact = false) const;

 private:
  std::shared_ptr<const Network> network_;
  checkpoint::Weights weights_;
  std::vector<StoredParameter> parameters_;
  std::vector<std::string> missing_;
};

}  // namespace tandem::models

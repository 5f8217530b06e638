// Filling a network from a checkpoint, strictly.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checkpoint/safetensors_index.h"
#include "models/name_map.h"
#include "models/network.h"

namespace tandem::models {

// Gives every parameter its value as float32. Shapes may differ from the checkpoint's by leading
// dimensions of 1. Parameters whose names here match a pattern of `optional` may be missing: they are left as
// they are, and their names returned. Throws BadFormat with every missing, unused and misshapen name in one
// report, and for values that are not finite.
std::vector<std::string> load_weights(Network& network, const checkpoint::Weights& weights,
                                      const NameMap& names, std::span<const std::string> ignored,
                                      std::span<const std::string> optional = {});

}  // namespace tandem::models

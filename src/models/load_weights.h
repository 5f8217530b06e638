// Filling a network from a checkpoint, strictly.
#pragma once

#include <span>
#include <string>

#include "checkpoint/safetensors_index.h"
#include "models/name_map.h"
#include "models/network.h"

namespace tandem::models {

// Gives every parameter its value as float32. Shapes may differ from the checkpoint's by leading
// dimensions of 1. Throws BadFormat with every missing, unused and misshapen name in one report, and for
// values that are not finite.
void load_weights(Network& network, const checkpoint::Weights& weights, const NameMap& names,
                  std::span<const std::string> ignored);

}  // namespace tandem::models

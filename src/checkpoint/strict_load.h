// Strict loading: the weights must be exactly those that a model has.
//
// Thread-safe: a free function.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/safetensors_index.h"
#include "checkpoint/tensor.h"

namespace tandem::checkpoint {

struct WantedTensor {
  std::string name;
  Shape shape;
};

// `*` stands for any characters, everything else for itself.
bool matches_pattern(std::string_view pattern, std::string_view name);
bool matches_any(std::span<const std::string> patterns, std::string_view name);

// Throws one BadFormat that lists what is missing, unused and misshapen (the first ten of each, with
// counts). Names in the file that match a pattern of `ignored` ("*.position_ids"; * stands for any
// characters) may be unused.
void check_strictly(const Weights& weights, std::span<const WantedTensor> wanted,
                    std::span<const std::string> ignored = {});

}  // namespace tandem::checkpoint

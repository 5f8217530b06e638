// Which pairs a step sees.
//
// Thread-safe: free functions of their arguments, the seed among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "training/trained_model.h"
#include "training/training_set.h"

namespace tandem::training {

// Which of the tasks of a round a step is of.
enum class StepKind : std::uint32_t { kEmb, kCe, kDistill, kMined };
// One number for step `step` (from 0) of its kind.
inline std::uint64_t number_of(StepKind kind, std::uint64_t step) {
  constexpr std::uint64_t kKinds = 4;
  return step * kKinds + static_cast<std::uint64_t>(kind);
}

// Step `step` (from 0) of its kind: `size` pictures, or all where there are fewer, each once in an epoch, in
// another order in each; with each one of its captions. What is left over behind the last whole batch of an
// epoch is not seen in it.
std::vector<Pair> draw_pairs(const TrainingSet& set, StepKind kind, std::size_t size, std::uint64_t step,
                             std::uint64_t seed);

}  // namespace tandem::training

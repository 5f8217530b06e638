// Wrong pictures and captions for the cross-encoder.
//
// Thread-safe: free functions of their arguments.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "training/mined.h"
#include "training/training_set.h"

namespace tandem::training {

struct LabelledPair {
  Pair pair;
  bool match = false;
};

// What negatives can be drawn from, beside the whole set.
struct NegativeSources {
  at::Tensor cosines;           // captions × pictures of the batch; undefined: none in the batch
  const MinedNegatives& mined;  // may be empty
};

// Each of `pairs`, followed by options.negatives.each wrong ones: with equal chance another caption or
// another picture. `round`: for the ramp; `step`: of the matching loss, for the random numbers.
std::vector<LabelledPair> with_negatives(std::span<const Pair> pairs, const TrainingSet& set,
                                         const NegativeSources& sources, const TrainingOptions& options,
                                         std::size_t round, std::uint64_t step);

// Adds `each` blocks as long as `pairs` was: in the place of each pair a wrong caption of its picture with a
// wrong picture of its caption, drawn from the mined ones.
void add_mined(std::vector<Pair>& pairs, std::size_t each, const MinedNegatives& mined, Random random);

// Whether a step of this round draws from the batch, so that its cosines are needed.
bool draws_in_batch(const TrainingOptions& options);
// Whether mined negatives are drawn at all.
bool draws_mined(const TrainingOptions& options);

}  // namespace tandem::training

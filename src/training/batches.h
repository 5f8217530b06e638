// The pairs of a batch, as steps need them.
//
// Thread-safe: free functions on values.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "training/negatives.h"
#include "training/trained_model.h"

namespace tandem::training {

// Right pairs of a step of the match.
inline std::size_t positives_of(const TrainingOptions& options) {
  return options.ce_batch_size > 0 ? options.ce_batch_size : options.batch_size;
}

// Which picture each pair has, int64.
at::Tensor labels_of(std::span<const Pair> pairs, const at::Device& device);
// 1 where a pair matches, else 0; float32.
at::Tensor matches_of(std::span<const LabelledPair> pairs, const at::Device& device);

struct Lists {
  std::vector<std::size_t> captions;
  std::vector<std::size_t> images;
};
// Of each pair the one and the other.
Lists lists_of(std::span<const Pair> pairs);

// Captions and pictures of the pairs, each once, in the order in which they come; the pairs by their places.
struct Compact {
  std::vector<std::size_t> captions;
  std::vector<std::size_t> images;
  std::vector<Pair> pairs;
};
Compact compact(std::span<const LabelledPair> labelled);

// For each row of cosines the right column first, then the `count` - 1 nearest wrong ones.
at::Tensor candidates(const at::Tensor& cosines, const at::Tensor& labels, std::int64_t count);

}  // namespace tandem::training

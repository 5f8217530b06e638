// Pairs of a text and a picture as sequences of rows that all pairs share.
//
// Immutable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/groups.h"
#include "models/network.h"
#include "nn/packing.h"

namespace tandem::models {

// A sequence is the match token, the text's tokens, the picture's tokens. The rows are those of the match
// token, of all texts one after the other as they come in their groups, and of all pictures.
class JointSequences {
 public:
  JointSequences(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                 std::span<const MatchPair> pairs);

  // Places among the pairs of those whose sequences have one shape.
  const std::vector<Members>& groups() const { return groups_; }
  // The groups' sequences, each a run, ...
  const std::vector<nn::Run>& runs() const { return runs_; }
  // ... which row each of their tokens is, ...
  const std::vector<std::int64_t>& rows() const { return rows_; }
  // ... and how many are the match token, the text and the picture, of each sequence.
  const std::vector<std::int64_t>& stretches() const { return stretches_; }

 private:
  std::vector<Members> groups_;
  std::vector<nn::Run> runs_;
  std::vector<std::int64_t> rows_;
  std::vector<std::int64_t> stretches_;
};

}  // namespace tandem::models

// Pairs of a text and a picture as sequences of rows that all pairs share.
//
// Immutable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/network.h"
#include "nn/packing.h"

namespace tandem::models {

// Pairs whose sequences have one shape.
struct JointGroup {
  std::vector<std::size_t> members;  // their places among all pairs
  std::int64_t text_length = 0;
};

// A sequence is the match token, the text's tokens, the picture's tokens. The rows are those of the match
// token, of all texts one after the other as they come in their groups, and of all pictures.
class JointSequences {
 public:
  JointSequences(std::span<const TextGroup> texts, std::span<const at::Tensor> image_tokens,
                 std::span<const MatchPair> pairs);

  const std::vector<JointGroup>& groups() const { return groups_; }
  // The groups' sequences, each a run, ...
  const std::vector<nn::Run>& runs() const { return runs_; }
  // ... and which row each of their tokens is.
  const std::vector<std::int64_t>& rows() const { return rows_; }

 private:
  std::vector<JointGroup> groups_;
  std::vector<nn::Run> runs_;
  std::vector<std::int64_t> rows_;
};

}  // namespace tandem::models

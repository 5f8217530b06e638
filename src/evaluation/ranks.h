// Ranks by scores, over the full list: the highest first, ties to the lower place.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tandem/evaluation.h"

namespace tandem::evaluation {

struct RightAnswer {
  std::size_t number = 0;
  std::size_t rank = 0;  // from 1
  bool tied = false;     // with a wrong answer
};

// By rank. `right`: places in `scores`, ascending, which become the numbers.
std::vector<RightAnswer> rank_answers(std::span<const float> scores, std::span<const std::size_t> right);

}  // namespace tandem::evaluation

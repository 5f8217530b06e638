// A task after the first stage.
//
// Thread-safe: free functions on values.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "evaluation/similarity.h"
#include "evaluation/tasks.h"

namespace tandem::evaluation {

inline constexpr std::size_t kEveryCandidate = static_cast<std::size_t>(-1);

struct RankedTask {
  const Task* task = nullptr;
  std::vector<Ranking> rankings;  // of its queries, in their order
};

// Calls f(caption, picture, similarity) for the first `length` candidates of a query.
template <typename F>
void for_each_pair(const RankedTask& ranked, std::size_t query, std::size_t length, F f) {
  const std::vector<Candidate>& shortlist = ranked.rankings[query].shortlist;
  const std::size_t number = ranked.task->queries[query].number;
  for (std::size_t i = 0; i < std::min(length, shortlist.size()); ++i) {
    if (ranked.task->direction == RetrievalDirection::kTextToImage) {
      f(number, shortlist[i].number, shortlist[i].similarity);
    } else {
      f(shortlist[i].number, static_cast<std::uint32_t>(number), shortlist[i].similarity);
    }
  }
}

}  // namespace tandem::evaluation

// The first stage: everything ranked by cosine.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "evaluation/ranks.h"
#include "evaluation/tasks.h"
#include "tandem/matrix.h"

namespace tandem::evaluation {

// Embeddings of pictures or captions: `each` rows of item i begin at row i * each. The similarity of two
// items is the best of their rows.
struct Embeddings {
  Matrix rows;
  std::size_t each = 1;
};

struct Candidate {
  std::uint32_t number = 0;
  float similarity = 0;
};

// One query, ranked.
struct Ranking {
  std::vector<Candidate> shortlist;  // best first
  std::vector<RightAnswer> right;    // by rank; those that are candidates
  std::size_t relevant = 0;
  std::size_t candidates = 0;
};

// For each query of the task; nothing is ranked for one that is not present. `queries` and `candidates` are
// embeddings of all items of the dataset. `shortlist`: how many candidates to keep.
std::vector<Ranking> rank_by_similarity(const Task& task, const Embeddings& queries,
                                        const Embeddings& candidates, std::size_t shortlist,
                                        const std::stop_token& stop);

}  // namespace tandem::evaluation

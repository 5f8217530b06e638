// The second stage: a shortlist in the order of other scores.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "evaluation/similarity.h"
#include "tandem/evaluation.h"

namespace tandem::evaluation {

// Answers of one query, as they count.
struct Answers {
  QueryRanks ranks;
  std::vector<std::size_t> first;  // numbers of the first ones, at most as many as were asked for
};

// `scores`: of the first candidates of the shortlist, in its order. They are ordered by these, ties to the
// lower number; all others follow by cosine.
Answers rerank(const Ranking& ranking, std::span<const double> scores, std::size_t first);

// (1 - lambda) * similarity + lambda * the probability of a match; match_score() itself where lambda is 1.
double fused_score(float similarity, float logit, double lambda, const Calibration& calibration = {});

}  // namespace tandem::evaluation

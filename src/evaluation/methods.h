// The results of each method, from what both stages found.
//
// Thread-safe: free functions on values.
#pragma once

#include <vector>

#include "evaluation/pair_scores.h"
#include "evaluation/ranked_task.h"
#include "tandem/calibration.h"
#include "tandem/evaluation.h"

namespace tandem::evaluation {

struct Stages {
  const std::vector<RankedTask>& tasks;
  const PairScores& scores;  // of every pair that the methods reorder
  const Calibration& calibration;
};

// Of the methods that the options name, by method, language, direction, shortlist, lambda. Throws Cancelled.
std::vector<EvaluationResult> evaluate_methods(const Stages& stages, const Dataset& dataset,
                                               const EvaluationOptions& options);

}  // namespace tandem::evaluation

// From the answers of queries to a result.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <vector>

#include "evaluation/rerank.h"
#include "evaluation/tasks.h"
#include "tandem/evaluation.h"

namespace tandem::evaluation {

// The answers to the queries of one task, in their order.
struct TaskAnswers {
  const Task* task = nullptr;
  std::vector<Answers> answers;
};

inline constexpr std::size_t kShownAnswers = 5;

// Of the tasks of one language and direction, one for each fold: the mean of their metrics, intervals over
// the queries of all, and the worst queries. Method, shortlist and lambda are left to the caller.
EvaluationResult summarise(const std::vector<TaskAnswers>& folds, const Dataset& dataset,
                           const EvaluationOptions& options);

// By how much the second answers to the same tasks are better than the first, with intervals.
RankingGain gain_over(const std::vector<TaskAnswers>& baseline, const std::vector<TaskAnswers>& reranked,
                      const Dataset& dataset, const EvaluationOptions& options);

}  // namespace tandem::evaluation

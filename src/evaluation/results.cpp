#include "evaluation/results.h"

#include <algorithm>
#include <tuple>

#include "evaluation/query_values.h"

namespace tandem::evaluation {
namespace {

// The mean over folds; counts are added.
RankingMetrics mean_of(const std::vector<RankingMetrics>& folds) {
  const auto count = static_cast<double>(folds.size());
  RankingMetrics mean;
  for (const RankingMetrics& fold : folds) {
    mean.queries += fold.queries;
    mean.ties += fold.ties;
    mean.unanswered += fold.unanswered;
    mean.mrr += fold.mrr / count;
    mean.mrr_at_10 += fold.mrr_at_10 / count;
    mean.ndcg_at_10 += fold.ndcg_at_10 / count;
    mean.map_at_10 += fold.map_at_10 / count;
    mean.median_rank += fold.median_rank / count;
    mean.mean_rank += fold.mean_rank / count;
    for (const auto& [k, recall] : fold.recall) mean.recall[k] += recall / count;
  }
  return mean;
}

// The captions of one picture are one cluster, and so is a picture.
std::size_t cluster_of(const Task& task, const Query& query, const Dataset& dataset) {
  return task.direction == RetrievalDirection::kTextToImage ? dataset.captions[query.number].image
                                                            : query.number;
}

// The worst first, ties to the lower number.
std::vector<RetrievalFailure> worst_of(std::vector<RetrievalFailure> failures, std::size_t count) {
  const auto key = [](const RetrievalFailure& failure) { return std::tuple(~failure.rank, failure.query); };
  std::ranges::sort(failures, {}, key);
  if (failures.size() > count) failures.resize(count);
  return failures;
}

}  // namespace

EvaluationResult summarise(const std::vector<TaskAnswers>& folds, const Dataset& dataset,
                           const EvaluationOptions& options) {
  EvaluationResult result;
  result.language = folds.front().task->language;
  result.direction = folds.front().task->direction;
  std::vector<RankingMetrics> metrics;
  std::vector<QueryRanks> queries;
  std::vector<std::size_t> clusters;
  for (const TaskAnswers& fold : folds) {
    const std::size_t begin = queries.size();
    for (std::size_t i = 0; i < fold.answers.size(); ++i) {
      const Query& query = fold.task->queries[i];
      const Answers& answers = fold.answers[i];
      queries.push_back(answers.ranks);
      clusters.push_back(cluster_of(*fold.task, query, dataset));
      const std::size_t rank = first_rank(answers.ranks);
      if (rank > 1) result.failures.push_back({query.number, rank, query.right, answers.first});
    }
    metrics.push_back(ranking_metrics(std::span(queries).subspan(begin), options.cutoffs));
  }
  result.metrics = mean_of(metrics);
  if (options.bootstrap.samples > 0) {
    result.intervals = bootstrap_intervals(queries, clusters, options.cutoffs, options.bootstrap);
  }
  result.failures = worst_of(std::move(result.failures), options.failures);
  return result;
}

}  // namespace tandem::evaluation

#include "evaluation/results.h"

#include <algorithm>
#include <span>
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

// The queries of all folds.
struct Pool {
  std::vector<QueryRanks> queries;
  std::vector<std::size_t> clusters;
  RankingMetrics metrics;
};

Pool pool(const std::vector<TaskAnswers>& folds, const Dataset& dataset,
          std::span<const std::size_t> cutoffs) {
  Pool all;
  std::vector<RankingMetrics> metrics;
  for (const TaskAnswers& fold : folds) {
    const std::size_t begin = all.queries.size();
    for (const Answers& answers : fold.answers) all.queries.push_back(answers.ranks);
    for (const Query& query : fold.task->queries) {
      all.clusters.push_back(cluster_of(*fold.task, query, dataset));
    }
    metrics.push_back(ranking_metrics(std::span(all.queries).subspan(begin), cutoffs));
  }
  all.metrics = mean_of(metrics);
  return all;
}

// The worst first, ties to the lower number.
std::vector<RetrievalFailure> failures_of(const std::vector<TaskAnswers>& folds, std::size_t count) {
  std::vector<RetrievalFailure> failures;
  for (const TaskAnswers& fold : folds) {
    for (std::size_t i = 0; i < fold.answers.size(); ++i) {
      const Query& query = fold.task->queries[i];
      const std::size_t rank = first_rank(fold.answers[i].ranks);
      if (rank > 1) failures.push_back({query.number, rank, query.right, fold.answers[i].first});
    }
  }
  const auto key = [](const RetrievalFailure& failure) { return std::tuple(~failure.rank, failure.query); };
  std::ranges::sort(failures, {}, key);
  if (failures.size() > count) failures.resize(count);
  return failures;
}

}  // namespace

EvaluationResult summarise(const std::vector<TaskAnswers>& folds, const Dataset& dataset,
                           const EvaluationOptions& options) {
  const Pool all = pool(folds, dataset, options.cutoffs);
  EvaluationResult result;
  result.language = folds.front().task->language;
  result.direction = folds.front().task->direction;
  result.metrics = all.metrics;
  if (options.bootstrap.samples > 0) {
    result.intervals = bootstrap_intervals(all.queries, all.clusters, options.cutoffs, options.bootstrap);
  }
  result.failures = failures_of(folds, options.failures);
  return result;
}

RankingGain gain_over(const std::vector<TaskAnswers>& baseline, const std::vector<TaskAnswers>& reranked,
                      const Dataset& dataset, const EvaluationOptions& options) {
  const Pool before = pool(baseline, dataset, options.cutoffs);
  const Pool after = pool(reranked, dataset, options.cutoffs);
  RankingGain gain;
  for (const auto& [k, recall] : after.metrics.recall) gain.recall[k] = recall - before.metrics.recall.at(k);
  gain.mrr = after.metrics.mrr - before.metrics.mrr;
  gain.ndcg_at_10 = after.metrics.ndcg_at_10 - before.metrics.ndcg_at_10;
  gain.intervals =
      bootstrap_gains(after.queries, before.queries, after.clusters, options.cutoffs, options.bootstrap);
  return gain;
}

}  // namespace tandem::evaluation

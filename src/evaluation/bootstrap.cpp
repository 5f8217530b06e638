#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

#include "core/fail.h"
#include "evaluation/query_values.h"

namespace tandem {
namespace {

using namespace evaluation;  // NOLINT: the room's own helpers

// The sums of each metric over the queries of one cluster: queries, recalls, MRR, NDCG.
using Sums = std::vector<double>;

std::vector<Sums> cluster_sums(std::span<const QueryRanks> queries, std::span<const std::size_t> clusters,
                               std::span<const std::size_t> cutoffs) {
  std::unordered_map<std::size_t, std::size_t> numbers;
  std::vector<Sums> sums;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto [known, is_new] = numbers.emplace(clusters[i], sums.size());
    if (is_new) sums.emplace_back(cutoffs.size() + 3);
    double* sum = sums[known->second].data();
    *sum++ += 1;
    for (const std::size_t k : cutoffs) *sum++ += !queries[i].ranks.empty() && queries[i].ranks.front() <= k;
    const QueryValues values = values_of(queries[i]);
    *sum++ += values.mrr;
    *sum += values.ndcg_at_10;
  }
  return sums;
}

// Between the two values that the place falls between.
double quantile(const std::vector<double>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval interval_of(std::vector<double> values, double confidence) {
  std::ranges::sort(values);
  return {quantile(values, (1 - confidence) / 2), quantile(values, (1 + confidence) / 2)};
}

void check_bootstrap(std::span<const QueryRanks> queries, std::span<const std::size_t> clusters,
                     std::span<const std::size_t> cutoffs, const BootstrapOptions& options) {
  check_metrics(queries, cutoffs);
  if (options.samples == 0) fail(ErrorCode::kInvalidArgument, "bootstrap: no samples; 1000 are usual");
  if (!(options.confidence > 0 && options.confidence < 1)) {
    fail(ErrorCode::kInvalidArgument, "bootstrap: a confidence of {}; one between 0 and 1 is wanted",
         options.confidence);
  }
  if (clusters.size() != queries.size()) {
    fail(ErrorCode::kInvalidArgument, "bootstrap: {} clusters for {} queries; one for each is wanted",
         clusters.size(), queries.size());
  }
}

// Of the means over all queries, by the sums of each cluster.
MetricIntervals resample(const std::vector<Sums>& sums, std::span<const std::size_t> cutoffs,
                         const BootstrapOptions& options) {
  const std::size_t metrics = cutoffs.size() + 2;
  std::vector<std::vector<double>> means(metrics);
  // The generator's numbers are the same everywhere, those of the standard's distributions are not.
  std::mt19937_64 random(options.seed);
  for (std::size_t sample = 0; sample < options.samples; ++sample) {
    Sums total(metrics + 1);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const Sums& drawn = sums[random() % sums.size()];
      for (std::size_t m = 0; m <= metrics; ++m) total[m] += drawn[m];
    }
    for (std::size_t m = 0; m < metrics; ++m) means[m].push_back(total[m + 1] / total[0]);
  }
  MetricIntervals intervals;
  for (std::size_t c = 0; c < cutoffs.size(); ++c) {
    intervals.recall[cutoffs[c]] = interval_of(std::move(means[c]), options.confidence);
  }
  intervals.mrr = interval_of(std::move(means[metrics - 2]), options.confidence);
  intervals.ndcg_at_10 = interval_of(std::move(means[metrics - 1]), options.confidence);
  return intervals;
}

}  // namespace

MetricIntervals bootstrap_intervals(std::span<const QueryRanks> queries,
                                    std::span<const std::size_t> clusters,
                                    std::span<const std::size_t> cutoffs, const BootstrapOptions& options) {
  check_bootstrap(queries, clusters, cutoffs, options);
  return resample(cluster_sums(queries, clusters, cutoffs), cutoffs, options);
}

MetricIntervals bootstrap_gains(std::span<const QueryRanks> reranked, std::span<const QueryRanks> baseline,
                                std::span<const std::size_t> clusters, std::span<const std::size_t> cutoffs,
                                const BootstrapOptions& options) {
  check_bootstrap(reranked, clusters, cutoffs, options);
  if (baseline.size() != reranked.size()) {
    fail(ErrorCode::kInvalidArgument,
         "bootstrap: {} queries reranked and {} of the baseline; the same ones are wanted", reranked.size(),
         baseline.size());
  }
  // A difference of means is the mean of differences, so these are drawn as one ranking is.
  std::vector<Sums> gains = cluster_sums(reranked, clusters, cutoffs);
  const std::vector<Sums> before = cluster_sums(baseline, clusters, cutoffs);
  for (std::size_t c = 0; c < gains.size(); ++c) {
    for (std::size_t m = 1; m < gains[c].size(); ++m) gains[c][m] -= before[c][m];
  }
  return resample(gains, cutoffs, options);
}

}  // namespace tandem

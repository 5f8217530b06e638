#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "support/expect_error.h"
#include "tandem/evaluation.h"

namespace tandem {
namespace {

const std::vector<std::size_t> kOnlyFirst = {1};

// `queries` queries, every `step`-th of which is answered first, the others second.
std::vector<QueryRanks> every(std::size_t step, std::size_t queries) {
  std::vector<QueryRanks> all;
  for (std::size_t i = 0; i < queries; ++i) {
    all.push_back({.ranks = {i % step == 0 ? 1u : 2u}, .relevant = 1, .candidates = 2});
  }
  return all;
}

std::vector<std::size_t> clusters_of(std::size_t size, std::size_t queries) {
  std::vector<std::size_t> clusters;
  for (std::size_t i = 0; i < queries; ++i) clusters.push_back(i / size);
  return clusters;
}

TEST(Bootstrap, CoversTheMeanByTheWidthOfTheBinomial) {
  const auto queries = every(4, 400);
  const MetricIntervals intervals = bootstrap_intervals(queries, clusters_of(1, 400), kOnlyFirst, {});
  const double error = std::sqrt(0.25 * 0.75 / 400);
  EXPECT_NEAR(intervals.recall.at(1).low, 0.25 - 1.96 * error, 0.012);
  EXPECT_NEAR(intervals.recall.at(1).high, 0.25 + 1.96 * error, 0.012);
  EXPECT_LT(intervals.mrr.low, 0.625);
  EXPECT_GT(intervals.mrr.high, 0.625);
}

TEST(Bootstrap, QueriesThatBelongTogetherAreDrawnTogether) {
  // Clusters of four that are right or wrong as one: no more is known than from a quarter of the queries.
  std::vector<QueryRanks> queries;
  for (std::size_t i = 0; i < 400; ++i) queries.push_back(every(4, 100)[i / 4]);
  const Interval one = bootstrap_intervals(queries, clusters_of(1, 400), kOnlyFirst, {}).recall.at(1);
  const Interval four = bootstrap_intervals(queries, clusters_of(4, 400), kOnlyFirst, {}).recall.at(1);
  EXPECT_NEAR((four.high - four.low) / (one.high - one.low), 2, 0.35);
}

TEST(Bootstrap, ClustersOfOneHitEachGiveNoSpread) {
  const Interval interval =
      bootstrap_intervals(every(4, 400), clusters_of(4, 400), kOnlyFirst, {}).recall.at(1);
  EXPECT_DOUBLE_EQ(interval.low, 0.25);
  EXPECT_DOUBLE_EQ(interval.high, 0.25);
}

TEST(Bootstrap, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto queries = every(3, 50);
  const auto low = [&](std::uint64_t seed) {
    return bootstrap_intervals(queries, clusters_of(1, 50), kOnlyFirst, {.samples = 101, .seed = seed})
        .mrr.low;
  };
  EXPECT_EQ(low(1), low(1));
  EXPECT_NE(low(1), low(2));
}

void expect_interval(const Interval& interval, double low, double high) {
  EXPECT_DOUBLE_EQ(interval.low, low);
  EXPECT_DOUBLE_EQ(interval.high, high);
}

TEST(BootstrapGains, ARankingGainsNothingOverItself) {
  const auto queries = every(3, 50);
  const MetricIntervals gains = bootstrap_gains(queries, queries, clusters_of(4, 50), kOnlyFirst, {});
  for (const Interval& gain : {gains.recall.at(1), gains.mrr, gains.ndcg_at_10}) expect_interval(gain, 0, 0);
}

TEST(BootstrapGains, WhatEveryQueryGainsIsSure) {
  const std::vector<QueryRanks> second(12, {.ranks = {2}, .relevant = 1, .candidates = 5});
  const std::vector<QueryRanks> first(12, {.ranks = {1}, .relevant = 1, .candidates = 5});
  const std::vector<std::size_t> cutoffs = {1, 2};
  const MetricIntervals gains = bootstrap_gains(first, second, clusters_of(5, 12), cutoffs, {});
  expect_interval(gains.recall.at(1), 1, 1);
  expect_interval(gains.recall.at(2), 0, 0);
  expect_interval(gains.mrr, 0.5, 0.5);
  const double ndcg = 1 - 1 / std::log2(3);
  EXPECT_NEAR(gains.ndcg_at_10.low, ndcg, 1e-12);
  EXPECT_NEAR(gains.ndcg_at_10.high, ndcg, 1e-12);
  expect_interval(bootstrap_gains(second, first, clusters_of(5, 12), cutoffs, {}).mrr, -0.5, -0.5);
}

TEST(BootstrapGains, WhatIsHardForBothDoesNotWidenThem) {
  const auto baseline = every(2, 400);
  auto reranked = baseline;
  for (std::size_t i = 1; i < 400; i += 40) reranked[i].ranks = {1};
  const auto clusters = clusters_of(1, 400);
  const Interval gain = bootstrap_gains(reranked, baseline, clusters, kOnlyFirst, {}).recall.at(1);
  const Interval before = bootstrap_intervals(baseline, clusters, kOnlyFirst, {}).recall.at(1);
  const Interval after = bootstrap_intervals(reranked, clusters, kOnlyFirst, {}).recall.at(1);
  EXPECT_GT(gain.low, 0) << "ten queries of 400 are better, and none is worse";
  EXPECT_LT(after.low, before.high) << "intervals of each do not show it";
}

// Where sample by sample both are measured on the queries that were drawn.
TEST(BootstrapGains, AreTheDifferencesOfTheSameDraws) {
  constexpr std::size_t kQueries = 23;  // the last cluster is smaller
  std::mt19937_64 random(3);
  const auto ranking = [&] {
    std::vector<QueryRanks> queries;
    for (std::size_t i = 0; i < kQueries; ++i) {
      queries.push_back({.ranks = {1 + random() % 4}, .relevant = 1, .candidates = 4});
    }
    return queries;
  };
  const auto baseline = ranking();
  const auto reranked = ranking();
  const auto clusters = clusters_of(3, kQueries);
  const BootstrapOptions options{.samples = 41, .confidence = 0.9, .seed = 7};  // ends are samples

  std::mt19937_64 draws(options.seed);
  std::vector<double> recall, mrr, ndcg;
  for (std::size_t sample = 0; sample < options.samples; ++sample) {
    std::vector<QueryRanks> before, after;
    for (std::size_t i = 0; i <= clusters.back(); ++i) {
      const std::size_t drawn = draws() % (clusters.back() + 1);
      for (std::size_t q = 0; q < kQueries; ++q) {
        if (clusters[q] != drawn) continue;
        before.push_back(baseline[q]);
        after.push_back(reranked[q]);
      }
    }
    const RankingMetrics a = ranking_metrics(after, kOnlyFirst);
    const RankingMetrics b = ranking_metrics(before, kOnlyFirst);
    recall.push_back(a.recall.at(1) - b.recall.at(1));
    mrr.push_back(a.mrr - b.mrr);
    ndcg.push_back(a.ndcg_at_10 - b.ndcg_at_10);
  }
  const auto expect_ends = [](std::vector<double> values, const Interval& interval) {
    std::ranges::sort(values);
    EXPECT_LT(values[2], values[38]);
    EXPECT_NEAR(interval.low, values[2], 1e-12);
    EXPECT_NEAR(interval.high, values[38], 1e-12);
  };
  const MetricIntervals gains = bootstrap_gains(reranked, baseline, clusters, kOnlyFirst, options);
  expect_ends(recall, gains.recall.at(1));
  expect_ends(mrr, gains.mrr);
  expect_ends(ndcg, gains.ndcg_at_10);
}

TEST(BootstrapGains, RefusesRankingsOfDifferentQueries) {
  const auto run = [](std::size_t baseline, std::size_t clusters, BootstrapOptions options) {
    bootstrap_gains(every(2, 4), every(2, baseline), clusters_of(1, clusters), kOnlyFirst, options);
  };
  expect_error(ErrorCode::kInvalidArgument, "4 queries reranked and 3 of the baseline",
               [&] { run(3, 4, {}); });
  expect_error(ErrorCode::kInvalidArgument, "5 clusters for 4 queries", [&] { run(4, 5, {}); });
  expect_error(ErrorCode::kInvalidArgument, "no samples", [&] { run(4, 4, {.samples = 0}); });
}

TEST(Bootstrap, RefusesWhatItCannotDraw) {
  const auto queries = every(2, 4);
  const auto run = [&](std::size_t clusters, BootstrapOptions options) {
    bootstrap_intervals(queries, clusters_of(1, clusters), kOnlyFirst, options);
  };
  expect_error(ErrorCode::kInvalidArgument, "no samples", [&] { run(4, {.samples = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "confidence", [&] { run(4, {.confidence = 1}); });
  expect_error(ErrorCode::kInvalidArgument, "3 clusters for 4 queries", [&] { run(3, {}); });
}

}  // namespace
}  // namespace tandem

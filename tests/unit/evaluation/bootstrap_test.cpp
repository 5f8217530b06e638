#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "support/expect_error.h"
#include "tandem/evaluation.h"

namespace tandem {
namespace {

const std::vector<std::size_t> kCutoffs = {1};

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
  const MetricIntervals intervals = bootstrap_intervals(queries, clusters_of(1, 400), kCutoffs, {});
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
  const Interval one = bootstrap_intervals(queries, clusters_of(1, 400), kCutoffs, {}).recall.at(1);
  const Interval four = bootstrap_intervals(queries, clusters_of(4, 400), kCutoffs, {}).recall.at(1);
  EXPECT_NEAR((four.high - four.low) / (one.high - one.low), 2, 0.35);
}

TEST(Bootstrap, ClustersOfOneHitEachGiveNoSpread) {
  const Interval interval =
      bootstrap_intervals(every(4, 400), clusters_of(4, 400), kCutoffs, {}).recall.at(1);
  EXPECT_DOUBLE_EQ(interval.low, 0.25);
  EXPECT_DOUBLE_EQ(interval.high, 0.25);
}

TEST(Bootstrap, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto queries = every(3, 50);
  const auto low = [&](std::uint64_t seed) {
    return bootstrap_intervals(queries, clusters_of(1, 50), kCutoffs, {.samples = 101, .seed = seed}).mrr.low;
  };
  EXPECT_EQ(low(1), low(1));
  EXPECT_NE(low(1), low(2));
}

TEST(Bootstrap, RefusesWhatItCannotDraw) {
  const auto queries = every(2, 4);
  const auto run = [&](std::size_t clusters, BootstrapOptions options) {
    bootstrap_intervals(queries, clusters_of(1, clusters), kCutoffs, options);
  };
  expect_error(ErrorCode::kInvalidArgument, "no samples", [&] { run(4, {.samples = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "confidence", [&] { run(4, {.confidence = 1}); });
  expect_error(ErrorCode::kInvalidArgument, "3 clusters for 4 queries", [&] { run(3, {}); });
}

}  // namespace
}  // namespace tandem

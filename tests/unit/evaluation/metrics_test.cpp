#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "evaluation/latency.h"
#include "evaluation/rerank.h"
#include "support/expect_error.h"
#include "tandem/evaluation.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;

const std::vector<std::size_t> kCutoffs = {1, 5, 10};

QueryRanks one(const std::vector<float>& scores, const std::vector<std::size_t>& right) {
  return rank_scores(scores, right);
}

// `queries` queries among as many candidates; query i is answered by candidate i.
RankingMetrics square(std::size_t queries, float right, float wrong) {
  std::vector<QueryRanks> ranks;
  for (std::size_t i = 0; i < queries; ++i) {
    std::vector<float> scores(queries, wrong);
    scores[i] = right;
    ranks.push_back(one(scores, {i}));
  }
  return ranking_metrics(ranks, kCutoffs);
}

TEST(RankingMetrics, APerfectScoreHasOneEverywhere) {
  const RankingMetrics metrics = square(20, 1, 0);
  EXPECT_EQ(metrics.queries, 20u);
  EXPECT_EQ(metrics.recall.at(1), 1);
  EXPECT_EQ(metrics.mrr, 1);
  EXPECT_EQ(metrics.ndcg_at_10, 1);
  EXPECT_EQ(metrics.map_at_10, 1);
  EXPECT_EQ(metrics.median_rank, 1);
  EXPECT_EQ(metrics.ties, 0u);
}

TEST(RankingMetrics, AReversedScoreFindsNothing) {
  const RankingMetrics metrics = square(20, -1, 0);
  EXPECT_EQ(metrics.recall.at(10), 0);
  EXPECT_EQ(metrics.mean_rank, 20);
  EXPECT_EQ(metrics.mrr_at_10, 0);
  EXPECT_DOUBLE_EQ(metrics.mrr, 1.0 / 20);
}

TEST(RankingMetrics, AConstantScoreIsNoBetterThanChanceAndIsTold) {
  const RankingMetrics metrics = square(20, 0, 0);
  EXPECT_DOUBLE_EQ(metrics.recall.at(1), 1.0 / 20);
  EXPECT_DOUBLE_EQ(metrics.recall.at(10), 10.0 / 20);
  EXPECT_EQ(metrics.median_rank, 10.5);
  EXPECT_EQ(metrics.ties, 20u);
}

TEST(RankingMetrics, SeveralRightAnswersAreWorkedOutByHand) {
  // Right answers at ranks 2 and 4 of 5.
  const QueryRanks query = one({5, 4, 3, 2, 1}, {3, 1});
  EXPECT_THAT(query.ranks, ElementsAre(2, 4));
  const RankingMetrics metrics = ranking_metrics({&query, 1}, kCutoffs);
  EXPECT_EQ(metrics.recall.at(1), 0);
  EXPECT_EQ(metrics.recall.at(5), 1);
  EXPECT_DOUBLE_EQ(metrics.mrr, 0.5);
  EXPECT_DOUBLE_EQ(metrics.map_at_10, (1.0 / 2 + 2.0 / 4) / 2);
  EXPECT_DOUBLE_EQ(metrics.ndcg_at_10, (1 / std::log2(3.0) + 1 / std::log2(5.0)) / (1 + 1 / std::log2(3.0)));
}

TEST(RankingMetrics, MoreThanTenRightAnswersCanBePerfect) {
  std::vector<float> scores(30);
  std::vector<std::size_t> right;
  for (std::size_t i = 0; i < 15; ++i) {
    scores[i] = 1;
    right.push_back(i);
  }
  const QueryRanks query = one(scores, right);
  EXPECT_FALSE(query.tied) << "right answers among themselves are no tie";
  const RankingMetrics metrics = ranking_metrics({&query, 1}, kCutoffs);
  EXPECT_DOUBLE_EQ(metrics.ndcg_at_10, 1);
  EXPECT_DOUBLE_EQ(metrics.map_at_10, 1);
}

TEST(RankingMetrics, AQueryWithoutARightAnswerFails) {
  const std::vector<QueryRanks> queries = {
      one({3, 2, 1}, {0}), one({3, 2, 1}, {}), {.ranks = {}, .relevant = 1, .candidates = 3}};
  const RankingMetrics metrics = ranking_metrics(queries, kCutoffs);
  EXPECT_DOUBLE_EQ(metrics.recall.at(10), 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.mrr, 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.ndcg_at_10, 1.0 / 3);
  EXPECT_EQ(metrics.median_rank, 4) << "behind the last candidate";
  EXPECT_EQ(metrics.mean_rank, 3);
  EXPECT_EQ(metrics.unanswered, 2u);
  const QueryRanks alone{.ranks = {}, .relevant = 1, .candidates = 0};
  EXPECT_EQ(ranking_metrics({&alone, 1}, kCutoffs).mean_rank, 2) << "never the first";
}

TEST(RankingMetrics, RefusesWhatHasNoMeaning) {
  const QueryRanks query = one({1}, {0});
  expect_error(ErrorCode::kInvalidArgument, "no queries", [&] { ranking_metrics({}, kCutoffs); });
  const std::vector<std::size_t> zero = {0};
  expect_error(ErrorCode::kInvalidArgument, "recall at 0", [&] { ranking_metrics({&query, 1}, zero); });
  expect_error(ErrorCode::kInvalidArgument, {"right answer 1", "1 candidates"}, [] { one({1}, {1}); });
  expect_error(ErrorCode::kInvalidArgument, "not a number", [] { one({NAN}, {0}); });
  const RankingMetrics metrics = ranking_metrics({&query, 1}, std::vector<std::size_t>{1, 10});
  expect_error(ErrorCode::kInvalidArgument, "recall at 5", [&] { mean_recall(metrics, metrics); });
}

TEST(Rerank, WhatIsNotRerankedFollowsByCosine) {
  const evaluation::Ranking ranking{.shortlist = {{7, 0.9f}, {3, 0.8f}, {5, 0.7f}, {1, 0.6f}},
                                    .right = {{3, 2, false}, {1, 4, true}},
                                    .relevant = 3,
                                    .candidates = 9};
  const std::vector<double> scores = {0.1, 0.2, 0.3};
  const auto answers = evaluation::rerank(ranking, scores, 4);
  EXPECT_THAT(answers.first, ElementsAre(5, 3, 7, 1));
  EXPECT_THAT(answers.ranks.ranks, ElementsAre(2, 4));
  EXPECT_EQ(answers.ranks.relevant, 3u);
  EXPECT_FALSE(answers.ranks.tied);
  // Only the tail has a right answer: its tie by cosine decides.
  const auto two = evaluation::rerank({ranking.shortlist, {{1, 4, true}}, 1, 9}, scores, 4);
  EXPECT_THAT(two.ranks.ranks, ElementsAre(4));
  EXPECT_TRUE(two.ranks.tied);
}

TEST(Rerank, EqualScoresGoToTheLowerNumberAndAreTold) {
  const evaluation::Ranking ranking{
      .shortlist = {{7, 0.9f}, {3, 0.8f}}, .right = {{7, 1, false}}, .relevant = 1, .candidates = 2};
  const auto answers = evaluation::rerank(ranking, std::vector<double>{1, 1}, 2);
  EXPECT_THAT(answers.first, ElementsAre(3, 7));
  EXPECT_THAT(answers.ranks.ranks, ElementsAre(2));
  EXPECT_TRUE(answers.ranks.tied);
}

TEST(Rerank, FusionGoesFromCosineToLogit) {
  EXPECT_FLOAT_EQ(static_cast<float>(evaluation::fused_score(0.3f, 5, 0)), 0.3f);
  EXPECT_DOUBLE_EQ(evaluation::fused_score(0.5f, 0, 0.5), 0.5);
  EXPECT_EQ(evaluation::fused_score(0.3f, 50, 1), 50) << "the logit, which never saturates";
  EXPECT_LT(evaluation::fused_score(0, 20, 0.5), evaluation::fused_score(0, 21, 0.5));
  EXPECT_DOUBLE_EQ(evaluation::fused_score(0.5f, 3, 0.5, {2, -6}), 0.5) << "by the calibrated probability";
}

TEST(Latency, IsTheMedianAndWhatFewExceed) {
  std::vector<std::int64_t> times(100);
  std::iota(times.begin(), times.end(), 1);
  for (auto& time : times) time *= 1'000'000;
  const Latency latency = evaluation::latency_of(times);
  EXPECT_EQ(latency.median_ms, 50);
  EXPECT_EQ(latency.p95_ms, 95);
  EXPECT_EQ(evaluation::latency_of({3'000'000}).p95_ms, 3);
}

}  // namespace
}  // namespace tandem

#include "cli/evaluate_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

EvaluationResult result(RetrievalMethod method, RetrievalDirection direction, double recall) {
  EvaluationResult result;
  result.method = method;
  result.language = "en";
  result.direction = direction;
  result.metrics.queries = 10;
  for (const std::size_t k : {1, 5, 10}) result.metrics.recall[k] = recall;
  if (method != RetrievalMethod::kCoop) return result;
  result.shortlist = 20;
  result.lambda = 0.5;
  return result;
}

EvaluationReport report() {
  EvaluationReport report;
  for (const auto method : {RetrievalMethod::kEmb, RetrievalMethod::kCoop}) {
    report.results.push_back(result(method, RetrievalDirection::kTextToImage, 0.25));
    report.results.push_back(result(method, RetrievalDirection::kImageToText, 0.75));
  }
  report.images = 7;
  return report;
}

TEST(EvaluateReport, JsonHasEveryFigureAndNullsWhereThereIsNone) {
  EvaluationReport all = report();
  const Json emb = json_of(all, all.results[0]);
  EXPECT_EQ(emb["method"], "emb");
  EXPECT_EQ(emb["direction"], "text_to_image");
  EXPECT_TRUE(emb["k"].is_null());
  EXPECT_TRUE(emb["interval"].is_null());
  EXPECT_TRUE(emb["latency"].is_null());
  EXPECT_EQ(emb["recall"]["5"], 0.25f);
  EXPECT_EQ(emb["mean_recall"], 0.5f) << "of both directions";
  EXPECT_EQ(emb["recall_sum"], 300.0f);
  EXPECT_EQ(emb["images"], 7);
  EXPECT_TRUE(emb["reliability"].is_null());

  all.shortlist_latency = {1, 2};
  all.rerank_latency[20] = {3, 4};
  all.results[2].reliability = {{{4, 0.25, 0.5}}, 0.25};
  all.results[2].intervals.emplace().recall[1] = {0.1, 0.4};
  const Json coop = json_of(all, all.results[2]);
  EXPECT_EQ(coop["k"], 20);
  EXPECT_EQ(coop["lambda"], 0.5f);
  EXPECT_EQ(coop["interval"]["recall"]["1"], Json::array({0.1f, 0.4f}));
  EXPECT_EQ(coop["reliability"]["ece"], 0.25f);
  EXPECT_EQ(coop["reliability"]["bins"][0], Json({{"pairs", 4}, {"confidence", 0.25f}, {"accuracy", 0.5f}}));
  EXPECT_EQ(coop["latency"]["rerank"]["p95_ms"], 4.0f);
  EXPECT_TRUE(json_of(all, all.results[3])["latency"].is_null()) << "measured of text to image";
}

TEST(EvaluateReport, WithoutTheOtherDirectionThereIsNoMean) {
  EvaluationReport one = report();
  one.results.resize(1);
  EXPECT_FALSE(mean_recall_of(one, one.results[0]));
  EXPECT_TRUE(json_of(one, one.results[0])["mean_recall"].is_null());
}

TEST(EvaluateReport, EachResultIsARowAsWideAsTheHeader) {
  const auto rows = rows_of(report());
  ASSERT_EQ(rows.size(), 5u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(rows[1][5], "25.0");
  EXPECT_EQ(rows[3][1], "20");
}

TEST(EvaluateReport, OnlyWhatWasFoundIsTold) {
  EXPECT_THAT(findings_of(DatasetReport{}), IsEmpty());
  EvaluationReport all = report();
  EXPECT_THAT(findings_of(all), IsEmpty());
  all.results[1].metrics.ties = 3;
  all.missing_images = 1;
  all.left_out_images = 2;
  EXPECT_THAT(findings_of(all),
              ElementsAre(HasSubstr("1 picture of 7 could not be read"), HasSubstr("2 pictures behind"),
                          HasSubstr("emb en image_to_text: in 3 of 10 queries")));
  DatasetReport data;
  data.empty_captions = {2, {"a.csv: line 3"}};
  EXPECT_THAT(findings_of(data), ElementsAre("2 captions empty, and left out, for example a.csv: line 3"));
}

// A training reads the same data as an evaluation: nothing is said of queries.
TEST(EvaluateReport, WhatIsToldOfDataHoldsForEveryUseOfIt) {
  DatasetReport data;
  data.missing_pictures = {1, {"/a.jpg"}};
  data.without_captions = {2, {"x.jsonl: line 3: b.jpg, not read: \"caption\""}};
  data.several_splits = {1, {"x.jsonl: line 4: c.jpg is in train, and in test before"}};
  data.repeated_captions = {3, {"x.jsonl: line 5: of d.jpg"}};
  EXPECT_THAT(
      findings_of(data),
      ElementsAre(
          "1 picture missing, for example /a.jpg",
          "2 pictures without captions, for example x.jsonl: line 3: b.jpg, not read: \"caption\"",
          "1 record in a second split of the picture, and left out, for example x.jsonl: line 4: c.jpg is in "
          "train, and in test before",
          "3 captions said before of the same picture, and kept, for example x.jsonl: line 5: of d.jpg"));
}

TEST(EvaluateReport, TheTimeOfAQueryIsALine) {
  EvaluationReport all = report();
  EXPECT_EQ(latency_line(all), "") << "not measured";
  all.shortlist_latency = {9.12, 12};
  EXPECT_EQ(latency_line(all), "One query: 9.1 ms by cosine (medians)");
  all.rerank_latency = {{20, {7.5, 8}}, {50, {18.41, 20}}};
  EXPECT_EQ(latency_line(all),
            "One query: 9.1 ms by cosine, 7.5 ms more to rerank 20, 18.4 ms more to rerank 50 (medians)");
}

}  // namespace
}  // namespace tandem::cli

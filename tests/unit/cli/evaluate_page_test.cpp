#include "cli/evaluate_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/html.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"

namespace tandem::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class EvaluatePageTest : public ::testing::Test {
 protected:
  EvaluatePageTest() {
    write_png(folder_.path() / "a.png", picture_);
    dataset_.images = {{"<a>", folder_.path() / "a.png", ""}, {"b", folder_.path() / "gone.png", ""}};
    dataset_.captions = {{"", 0, Text("two <dogs>", "en"), ""}, {"", 1, Text("a cat", "en"), ""}};
    EvaluationResult result;
    result.language = "en";
    for (const std::size_t k : {1, 5, 10}) result.metrics.recall[k] = 0.5;
    result.failures = {{.query = 0, .rank = 2, .right = {0}, .first = {1, 0}}};
    for (const auto direction : {RetrievalDirection::kTextToImage, RetrievalDirection::kImageToText}) {
      result.direction = direction;
      report_.results.push_back(result);
    }
  }
  // A sweep over two lengths and two weights.
  void add_sweep() {
    for (const std::size_t k : {10, 20}) {
      for (const double lambda : {0.5, 1.0}) {
        for (const std::size_t direction : {0, 1}) {
          EvaluationResult result = report_.results[direction];
          result.method = RetrievalMethod::kCoop;
          result.shortlist = k;
          result.lambda = lambda;
          report_.results.push_back(result);
        }
      }
    }
    report_.shortlist_latency = {1, 2};
    report_.rerank_latency = {{10, {3, 4}}, {20, {5, 6}}};
  }
  std::string page() const { return evaluation_page({"data", "the/model", "", dataset_, found_, report_}); }

  TemporaryFolder folder_;
  const Image picture_{1, 1, {1, 2, 3}};
  Dataset dataset_;
  DatasetReport found_;
  EvaluationReport report_;
};

TEST_F(EvaluatePageTest, FailuresHaveTheirPicturesInside) {
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("Worst failures, text to image, en, emb"));
  EXPECT_THAT(html, HasSubstr("rank 2: “two &lt;dogs&gt;”"));
  EXPECT_THAT(html, HasSubstr("data:image/png;base64," + base64(png_bytes(picture_))));
  EXPECT_THAT(html, HasSubstr("right: &lt;a&gt;"));
  EXPECT_THAT(html, HasSubstr("the file is no longer there"));
  EXPECT_THAT(html, HasSubstr("1: a cat")) << "an answer to a picture";
  EXPECT_THAT(html, Not(HasSubstr("<svg"))) << "nothing was swept";
}

TEST_F(EvaluatePageTest, ASweepHasCharts) {
  add_sweep();
  const std::string html = page();
  for (const char* title :
       {"Longer shortlists", "Their price", "Cosine and match together", "Time of a query"}) {
    EXPECT_THAT(html, HasSubstr(title));
  }
}

TEST_F(EvaluatePageTest, NoAxisOfSharesGoesBeyondThem) {
  add_sweep();
  for (EvaluationResult& result : report_.results) {
    if (!result.shortlist) continue;
    result.metrics.recall[1] = *result.shortlist == 20 && *result.lambda == 1.0 ? 1 : 0;
    result.reliability = {{{9, 0, 0}, {1, 1, 1}}, 0};
  }
  const std::string html = page();
  std::vector<std::string> marks;  // of the vertical axes
  constexpr std::string_view kMark = "text-anchor=\"end\">";
  for (std::size_t at = html.find(kMark); at != html.npos; at = html.find(kMark, at + 1)) {
    marks.push_back(html.substr(at + kMark.size(), html.find('<', at) - at - kMark.size()));
  }
  EXPECT_THAT(marks, Contains("100.0").Times(3)) << "two of recall, one of matches";
  EXPECT_THAT(marks, Contains("0.0").Times(3));
}

TEST_F(EvaluatePageTest, ProbabilitiesHaveADiagramOfTheLongestShortlist) {
  EXPECT_THAT(page(), Not(HasSubstr("Probabilities, en")));
  add_sweep();
  for (EvaluationResult& result : report_.results) {
    if (!result.shortlist) continue;
    result.reliability = {{{9, 0.125, 0.25}, {}, {1, 0.875, 0.5}}, *result.shortlist == 20 ? 0.0625 : 0.5};
  }
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("Probabilities, en"));
  EXPECT_THAT(html, HasSubstr("text to image: 12.5, 25.00")) << "a bin with pairs";
  EXPECT_THAT(html, Not(HasSubstr("text to image: 0, 0.00"))) << "a bin without";
  EXPECT_THAT(html, HasSubstr("as said: 100, 100.00"));
  EXPECT_THAT(html, HasSubstr("Expected calibration error: text to image 6.2 %, image to text 6.2 %."));
}

TEST_F(EvaluatePageTest, WhatWasFoundInTheDataIsTold) {
  found_.missing_pictures = {1, {"<gone>.png"}};
  EXPECT_THAT(page(), HasSubstr("1 picture missing, for example &lt;gone&gt;.png"));
}

}  // namespace
}  // namespace tandem::cli

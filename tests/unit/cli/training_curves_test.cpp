#include "cli/training_curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TrainingCurvesTest : public ::testing::Test {
 protected:
  std::string html_of(const std::string& lines) {
    std::ofstream(file_) << lines;
    return training_curves_html(file_);
  }
  std::size_t dots(const std::string& html) const {
    std::size_t count = 0;
    for (std::size_t at = html.find("</title></circle>"); at != html.npos;
         at = html.find("</title></circle>", at + 1))
      ++count;
    return count;
  }

  const TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "metrics.jsonl";
};

TEST_F(TrainingCurvesTest, ShowLossesAndTheDevelopmentSet) {
  const std::string html = html_of(
      "{\"kind\":\"train\",\"step\":1,\"ce\":0.7,\"emb\":4.5,\"rate\":0.001}\n"
      "{\"kind\":\"train\",\"step\":2,\"ce\":0.6,\"emb\":4.0,\"rate\":0.001}\n"
      "{\"kind\":\"dev\",\"step\":2,\"emb_mean_recall\":0.25,\"emb_t2i_r1\":0.1,\"score\":0.25}\n");
  EXPECT_THAT(html, HasSubstr("Losses"));
  EXPECT_THAT(html, HasSubstr("Development set"));
  EXPECT_EQ(dots(html), 5u) << "two losses twice, one recall";
  EXPECT_THAT(html, Not(HasSubstr("rate")));
}

TEST_F(TrainingCurvesTest, LossesBeginAtZeroAndRecallsEndAtAllPictures) {
  const std::string html = html_of(
      "{\"kind\":\"train\",\"step\":1,\"emb\":4.5}\n"
      "{\"kind\":\"train\",\"step\":2,\"emb\":0.01}\n"
      "{\"kind\":\"dev\",\"step\":1,\"emb_mean_recall\":0.5}\n"
      "{\"kind\":\"dev\",\"step\":2,\"emb_mean_recall\":1}\n");
  EXPECT_THAT(html, Not(HasSubstr(">-")));
  EXPECT_THAT(html, HasSubstr(">4.9<")) << "of the losses, with room";
  EXPECT_THAT(html, HasSubstr(">100.0<"));
}

TEST_F(TrainingCurvesTest, ManyRoundsBecomeFewPoints) {
  std::string lines;
  for (int round = 1; round <= 1000; ++round) {
    lines += "{\"kind\":\"train\",\"step\":" + std::to_string(round) + ",\"emb\":1}\n";
  }
  EXPECT_LE(dots(html_of(lines)), 60u);
  EXPECT_GE(dots(html_of(lines)), 50u);
}

TEST_F(TrainingCurvesTest, WhatIsNotThereYetIsNotDrawn) {
  EXPECT_EQ(html_of(""), "");
  const std::string whole = "{\"kind\":\"train\",\"step\":1,\"emb\":1}\n";
  EXPECT_EQ(html_of(whole + "{\"kind\":\"train\",\"st"), html_of(whole)) << "a line is being written";
}

TEST_F(TrainingCurvesTest, WhatIsNoTrainingIsRefused) {
  for (const char* line : {"no json\n", "[1]\n", "{\"kind\":\"train\"}\n", "{\"step\":1}\n"}) {
    expect_error(ErrorCode::kBadFormat, {"metrics.jsonl line 1"}, [&] { html_of(line); });
  }
  expect_error(ErrorCode::kNotFound, {"gone.jsonl"},
               [&] { training_curves_html(folder_.path() / "gone.jsonl"); });
}

}  // namespace
}  // namespace tandem::cli

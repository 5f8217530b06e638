#include "evaluation/tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace tandem::evaluation {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Five pictures; picture i has an English caption, the even ones a German one, picture 0 a described one.
Dataset five() {
  Dataset dataset;
  for (std::size_t i = 0; i < 5; ++i)
    dataset.images.push_back({std::to_string(i), "/" + std::to_string(i), ""});
  const auto add = [&](std::size_t image, const char* language, const char* sort) {
    dataset.captions.push_back({"", image, Text("x", language), sort});
  };
  for (std::size_t i = 0; i < 5; ++i) {
    add(i, "en", "");
    if (i % 2 == 0) add(i, "de", "");
  }
  add(0, "de", "described");
  return dataset;
}

std::vector<std::size_t> numbers(const Task& task) {
  std::vector<std::size_t> found;
  for (const Query& query : task.queries) found.push_back(query.number);
  return found;
}

const std::vector<bool> kAll(5, true);

TEST(Tasks, LanguagesAreThoseThereAreAndAllTogether) {
  EXPECT_THAT(choose_languages(five(), {}), ElementsAre("en", "de", "all"));
  EXPECT_THAT(choose_languages(five(), {"de_described", "all"}), ElementsAre("de_described", "all"));
  EXPECT_THAT(choose_languages(five(), {"all", "en", "all", "en"}), ElementsAre("all", "en")) << "each once";
  expect_error(ErrorCode::kInvalidArgument, {"\"fr\"", "en, de, de_described"},
               [] { choose_languages(five(), {"fr"}); });
  expect_error(ErrorCode::kInvalidArgument, "no captions", [] { choose_languages({}, {}); });
}

TEST(Tasks, APictureWithoutACaptionInTheLanguageIsACandidateAndNoQuery) {
  const auto tasks = make_tasks(five(), {"de"}, kAll, 0);
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_THAT(numbers(tasks[0]), ElementsAre(1, 4, 7));
  EXPECT_THAT(tasks[0].candidates, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(numbers(tasks[1]), ElementsAre(0, 2, 4));
  EXPECT_THAT(tasks[1].candidates, ElementsAre(1, 4, 7));
}

TEST(Tasks, AllTogetherLeavesTheSortsOut) {
  const auto tasks = make_tasks(five(), {"all"}, kAll, 0);
  EXPECT_EQ(tasks[0].queries.size(), 8u);
  EXPECT_THAT(tasks[1].queries[0].right, ElementsAre(0, 1));
}

TEST(Tasks, APictureThatIsMissingStaysAQuery) {
  std::vector<bool> present = kAll;
  present[2] = false;
  const auto tasks = make_tasks(five(), {"en"}, present, 0);
  EXPECT_EQ(tasks[0].queries.size(), 5u);
  EXPECT_THAT(tasks[0].candidates, ElementsAre(0, 1, 3, 4));
  EXPECT_FALSE(tasks[1].queries[2].present);
}

TEST(Tasks, FoldsAreWholeAndInOrder) {
  const auto tasks = make_tasks(five(), {"en"}, kAll, 2);
  ASSERT_EQ(tasks.size(), 4u);
  EXPECT_THAT(tasks[0].candidates, ElementsAre(0, 1));
  EXPECT_THAT(tasks[2].candidates, ElementsAre(2, 3));
  EXPECT_EQ(tasks[2].fold, 1u);
  EXPECT_THAT(numbers(tasks[3]), ElementsAre(2, 3));
  expect_error(ErrorCode::kInvalidArgument, "folds of 6 pictures: there are 5",
               [] { make_tasks(five(), {"en"}, kAll, 6); });
}

}  // namespace
}  // namespace tandem::evaluation

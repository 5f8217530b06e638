#include "core/text_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/expect_error.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> found;
  TextLines lines(text, "some.txt");
  for (std::string_view line; lines.next(line);) found.emplace_back(line);
  return found;
}

TEST(TextLines, EndWithOrWithoutACarriageReturn) {
  EXPECT_THAT(lines_of("a\r\nb\n\n c\r"), ElementsAre("a", "b", "", " c"));
  EXPECT_THAT(lines_of("a\r\r\nb\rc"), ElementsAre("a\r", "b\rc")) << "one is a part of the end";
}

TEST(TextLines, AnEndOfALineBeginsNoOther) {
  EXPECT_THAT(lines_of(""), IsEmpty());
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines_of("\n"), ElementsAre(""));
}

TEST(TextLines, OfJsonAreNotOfWhiteSpaceAlone) {
  TextLines lines("\n \t\r\r\n{}\n\f\n", "some.jsonl");
  std::string_view line;
  ASSERT_TRUE(lines.next_json(line));
  EXPECT_EQ(line, "{}");
  EXPECT_EQ(lines.number(), 3u);
  EXPECT_EQ(lines.place(), "some.jsonl: line 3");
  ASSERT_TRUE(lines.next_json(line)) << "a form feed is none of JSON's";
  EXPECT_FALSE(lines.next_json(line));
}

TEST(TextLines, ALineBeyondTheBoundIsRefusedByItsNumber) {
  TextLines lines("1234\n12345\n", "some.txt", 4);
  std::string_view line;
  EXPECT_TRUE(lines.next(line));
  expect_error(ErrorCode::kBadFormat, "some.txt: line 2: is longer than 4 bytes", [&] { lines.next(line); });
}

}  // namespace
}  // namespace tandem

#include "text/added_tokens.h"

#include <gtest/gtest.h>

namespace tandem::text {
namespace {

// Parts as text, added tokens in angle brackets.
std::vector<std::string> split_added(std::vector<AddedToken> tokens, std::string_view text) {
  std::vector<std::string> parts;
  const AddedTokens added(std::move(tokens));
  for (const auto& part : added.split(text)) {
    parts.push_back(part.id ? "<" + std::string(part.text) + ">" : std::string(part.text));
  }
  return parts;
}

using Parts = std::vector<std::string>;

TEST(AddedTokens, AreCutOutOfTheText) {
  const std::vector<AddedToken> tokens = {{.content = "[SEP]", .id = 3}};
  EXPECT_EQ(split_added(tokens, "a [SEP] b[SEP]"), (Parts{"a ", "<[SEP]>", " b", "<[SEP]>"}));
  EXPECT_EQ(split_added(tokens, "[SEP][SEP]"), (Parts{"<[SEP]>", "<[SEP]>"}));
  EXPECT_EQ(split_added(tokens, "[SEP"), (Parts{"[SEP"}));
  EXPECT_EQ(split_added(tokens, ""), (Parts{}));
  EXPECT_EQ(split_added({}, "text"), (Parts{"text"}));
}

TEST(AddedTokens, TheLeftmostThenTheLongestWins) {
  const std::vector<AddedToken> tokens = {{.content = "ab"}, {.content = "abc"}, {.content = "bcd"}};
  EXPECT_EQ(split_added(tokens, "abcd"), (Parts{"<abc>", "d"}));
}

TEST(AddedTokens, TakeTheSpaceAroundThem) {
  const std::vector<AddedToken> tokens = {{.content = "X", .lstrip = true, .rstrip = true}};
  EXPECT_EQ(split_added(tokens, "a \u3000X\n b"), (Parts{"a", "< \u3000X\n >", "b"}));
  EXPECT_EQ(split_added(tokens, "X X"), (Parts{"<X >", "<X>"})) << "a space is taken once";
}

TEST(AddedTokens, SingleWordsTouchNoWordCharacter) {
  const std::vector<AddedToken> tokens = {{.content = "X", .single_word = true}};
  EXPECT_EQ(split_added(tokens, "X-X"), (Parts{"<X>", "-", "<X>"}));
  EXPECT_EQ(split_added(tokens, "aX X1 éX X_"), (Parts{"aX X1 éX X_"}));
}

}  // namespace
}  // namespace tandem::text

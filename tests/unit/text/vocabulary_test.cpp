#include "text/vocabulary.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace tandem::text {
namespace {

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < count; ++i) pieces.push_back("p" + std::to_string(i));
  return pieces;
}

TEST(Vocabulary, FindsEveryPieceAtEverySize) {
  for (const std::size_t size : {0, 1, 2, 17, 33}) {
    const Vocabulary vocabulary(numbered(size), "test");
    ASSERT_EQ(vocabulary.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(vocabulary.find("p" + std::to_string(i)), static_cast<std::int32_t>(i));
    }
    EXPECT_EQ(vocabulary.find("p"), std::nullopt);
    EXPECT_EQ(vocabulary.find("p99"), std::nullopt);
    EXPECT_EQ(vocabulary.find(""), std::nullopt);
  }
}

TEST(Vocabulary, AWalkPassesEveryPieceThatIsAPrefix) {
  const Vocabulary vocabulary({"ab", "a", "abcd", "b", "\xC3\xA9"}, "test");
  Vocabulary::Walk walk = vocabulary.walk();
  EXPECT_EQ(walk.id(), std::nullopt);
  EXPECT_TRUE(walk.advance('a'));
  EXPECT_EQ(walk.id(), 1);
  EXPECT_TRUE(walk.advance('b'));
  EXPECT_EQ(walk.id(), 0);
  EXPECT_TRUE(walk.advance('c'));
  EXPECT_EQ(walk.id(), std::nullopt);
  EXPECT_FALSE(walk.advance('x'));
  EXPECT_EQ(walk.id(), std::nullopt);
}

TEST(Vocabulary, AnEmptyPieceKeepsItsIdAndIsNeverFound) {
  const Vocabulary vocabulary({"a", "", "b", ""}, "test");
  EXPECT_EQ(vocabulary.size(), 4u);
  EXPECT_EQ(vocabulary.find("b"), 2);
  EXPECT_EQ(vocabulary.find(""), std::nullopt);
}

TEST(Vocabulary, RefusesAPieceThatIsThereTwice) {
  expect_error(ErrorCode::kBadFormat, {"vocab.txt", "\"dog\"", "0 and 2"}, [] {
    Vocabulary({"dog", "cat", "dog"}, "vocab.txt");
  });
}

TEST(Vocabulary, RefusesInvalidUtf8) {
  expect_error(ErrorCode::kBadFormat, {"v", "byte 1"}, [] { Vocabulary({"a\xFF"}, "v"); });
}

TEST(Vocabulary, RefusesHolesAndSharedIds) {
  expect_error(ErrorCode::kBadFormat, {"v", "\"b\"", "id 2", "0 to 1"}, [] {
    Vocabulary::from_entries({{"a", 0}, {"b", 2}}, "v");
  });
  expect_error(ErrorCode::kBadFormat, {"v", "\"a\"", "\"b\"", "id 0"}, [] {
    Vocabulary::from_entries({{"a", 0}, {"b", 0}}, "v");
  });
  expect_error(ErrorCode::kBadFormat, {"v", "-1"}, [] { Vocabulary::from_entries({{"a", -1}}, "v"); });
}

TEST(Vocabulary, ErrorsAboutPiecesWithLineEndsStayOnOneLine) {
  expect_error(ErrorCode::kBadFormat, {"\\n"}, [] { Vocabulary({"a\nb", "a\nb"}, "v"); });
}

}  // namespace
}  // namespace tandem::text

#include "text/wordpiece.h"

#include <gtest/gtest.h>

namespace tandem::text {
namespace {

WordPiece model(WordPieceOptions options = {}) {
  return WordPiece(Vocabulary({"[UNK]", "run", "##ning", "##n", "!", "犬", "r", "##u"}, "test"), 0,
                   std::move(options));
}

TokenIds encode_wordpiece(const WordPiece& wordpiece, std::string_view text) {
  TokenIds ids;
  wordpiece.encode(wordpiece.normalize(text), 1000, ids);
  return ids;
}

TEST(WordPiece, TakesTheLongestPieces) {
  EXPECT_EQ(encode_wordpiece(model(), "running"), (TokenIds{1, 2}));
  EXPECT_EQ(encode_wordpiece(model(), "runn ru"), (TokenIds{1, 3, 6, 7}));
  EXPECT_EQ(encode_wordpiece(model(), ""), (TokenIds{}));
}

TEST(WordPiece, AWordWithoutPiecesIsUnknownAsAWhole) {
  EXPECT_EQ(encode_wordpiece(model(), "runx run"), (TokenIds{0, 1}));
}

TEST(WordPiece, LongWordsAreUnknown) {
  EXPECT_EQ(encode_wordpiece(model({.max_word_length = 3}), "run runn"), (TokenIds{1, 0}));
}

TEST(WordPiece, CleansLowersAndStrips) {
  EXPECT_EQ(encode_wordpiece(model(), "R\u00DB\tRun\u200B!"), (TokenIds{6, 7, 1, 4}));
  EXPECT_EQ(model().normalize("Ünï\rçödé\u0007"), "uni code");
  EXPECT_EQ(model({.lower_case = false, .strip_accents = false}).normalize("Ünï"), "Ünï");
}

TEST(WordPiece, IdeographsStandAlone) {
  EXPECT_EQ(encode_wordpiece(model(), "run犬run"), (TokenIds{1, 5, 1}));
  EXPECT_EQ(encode_wordpiece(model({.space_chinese = false}), "run犬run"), (TokenIds{0}));
}

TEST(WordPiece, StopsAtTheLimit) {
  TokenIds ids;
  model().encode("run run run run", 2, ids);
  EXPECT_EQ(ids.size(), 2u);
}

}  // namespace
}  // namespace tandem::text

#include "text/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/expect_error.h"

namespace tandem::text {
namespace {

TokenIds encode_bpe(const Bpe& bpe, std::string_view word) {
  TokenIds ids;
  bpe.encode_word(word, ids);
  return ids;
}

Vocabulary letters() { return Vocabulary({"a", "b", "c", "ab", "bc", "abc", "abab", "aa"}, "test"); }

const std::vector<Bpe::Merge> kMerges = {{"a", "b"}, {"ab", "c"}, {"ab", "ab"}, {"a", "a"}};

TEST(Bpe, MergesTheLowestRankFirst) {
  const Bpe bpe(letters(), kMerges, {}, "test");
  EXPECT_EQ(encode_bpe(bpe, "abc"), (TokenIds{5}));
  EXPECT_EQ(encode_bpe(bpe, "aab"), (TokenIds{0, 3})) << "a+b ranks before a+a";
  EXPECT_EQ(encode_bpe(bpe, "aaa"), (TokenIds{7, 0})) << "the leftmost of equals";
  EXPECT_EQ(encode_bpe(bpe, ""), (TokenIds{}));
  EXPECT_EQ(encode_bpe(bpe, "c"), (TokenIds{2}));
}

TEST(Bpe, AMergeIsNotTheLongestPiece) {
  // "bc" is a piece, but no merge makes it.
  const Bpe bpe(letters(), kMerges, {}, "test");
  EXPECT_EQ(encode_bpe(bpe, "bc"), (TokenIds{1, 2}));
}

// The definition, step by step: over and over, the best pair of all.
TokenIds merge_plainly(TokenIds ids, const Vocabulary& vocabulary, const std::vector<Bpe::Merge>& merges) {
  for (;;) {
    std::size_t best_rank = merges.size();
    std::size_t best = 0;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      const Bpe::Merge pair = {vocabulary.piece(ids[i]), vocabulary.piece(ids[i + 1])};
      const auto rank = static_cast<std::size_t>(std::ranges::find(merges, pair) - merges.begin());
      if (rank < best_rank) {
        best_rank = rank;
        best = i;
      }
    }
    if (best_rank == merges.size()) return ids;
    ids[best] = *vocabulary.find(merges[best_rank].first + merges[best_rank].second);
    ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

TEST(Bpe, TheQueueMergesLikeThePlainDefinition) {
  const Bpe bpe(letters(), kMerges, {}, "test");
  std::mt19937 random(7);
  for (const std::size_t length : {0, 1, 2, 17, 33}) {
    for (int round = 0; round < 50; ++round) {
      std::string word;
      TokenIds symbols;
      for (std::size_t i = 0; i < length; ++i) {
        const auto letter = static_cast<std::int32_t>(random() % 3);
        word += static_cast<char>('a' + letter);
        symbols.push_back(letter);
      }
      EXPECT_EQ(encode_bpe(bpe, word), merge_plainly(symbols, bpe.vocabulary(), kMerges)) << word;
    }
  }
}

TEST(Bpe, UnknownSymbolsAreLeftOutOrCountedOneByOneOrFused) {
  BpeOptions options;
  EXPECT_EQ(encode_bpe(Bpe(letters(), {}, options, "t"), "axxb"), (TokenIds{0, 1}));
  options.unknown_id = 7;
  EXPECT_EQ(encode_bpe(Bpe(letters(), {}, options, "t"), "axxb"), (TokenIds{0, 7, 7, 1}));
  options.fuse_unknown = true;
  EXPECT_EQ(encode_bpe(Bpe(letters(), {}, options, "t"), "axxb"), (TokenIds{0, 7, 1}));
}

TEST(Bpe, UnknownSymbolsFallBackToBytes) {
  BpeOptions options;
  options.unknown_id = 0;
  options.byte_fallback = true;
  const Bpe bpe(Vocabulary({"a", "<0xC3>", "<0xA9>"}, "t"), {}, options, "t");
  EXPECT_EQ(encode_bpe(bpe, "aé"), (TokenIds{0, 1, 2}));
  EXPECT_EQ(encode_bpe(bpe, "è"), (TokenIds{0})) << "not all of its bytes are pieces";
}

TEST(Bpe, TheLastSymbolHasTheEndOfWordMark) {
  BpeOptions options;
  options.end_of_word = "</w>";
  const Bpe bpe(Vocabulary({"a", "a</w>", "b", "ba</w>"}, "t"), {{"b", "a</w>"}}, options, "t");
  EXPECT_EQ(encode_bpe(bpe, "aba"), (TokenIds{0, 3}));
}

TEST(Bpe, RefusesMergesThatNameUnknownPieces) {
  expect_error(ErrorCode::kBadFormat, {"merges.txt", "merge 1", "\"x\""}, [] {
    Bpe(letters(), {{"a", "b"}, {"a", "x"}}, {}, "merges.txt");
  });
  expect_error(ErrorCode::kBadFormat, {"merges.txt", "merge 0", "\"cb\""}, [] {
    Bpe(letters(), {{"c", "b"}}, {}, "merges.txt");
  });
}

}  // namespace
}  // namespace tandem::text

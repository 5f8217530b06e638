#include "text/charsmap.h"

#include <gtest/gtest.h>

#include "model_files.h"
#include "support/expect_error.h"
#include "text/sentencepiece_contents.h"

namespace tandem::text {
namespace {

std::string published_charsmap() {
  return parse_sentencepiece_model(read_text(golden_tokenizer("siglip") / "spiece.model"), "spiece.model")
      .charsmap;
}

TEST(Charsmap, AnEmptyOneReplacesNothing) { EXPECT_EQ(Charsmap("", "test").normalize("ﬁ①"), "ﬁ①"); }

TEST(Charsmap, ReplacesAsNfkcDoes) {
  const Charsmap charsmap(published_charsmap(), "test");
  EXPECT_EQ(charsmap.normalize("ﬁn ①½ ＡＢ"), "fin 11⁄2 AB");
  EXPECT_EQ(charsmap.normalize("e\u0301"), "é");
  EXPECT_EQ(charsmap.normalize("a\tb\u00A0c"), "a b c");
  EXPECT_EQ(charsmap.normalize(""), "");
}

TEST(Charsmap, RefusesATableThatIsCutShort) {
  const std::string whole = published_charsmap();
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{4}, whole.size() / 4}) {
    expect_error(ErrorCode::kBadFormat, {"spiece.model", "charsmap"},
                 [&] { Charsmap(std::string_view(whole).substr(0, size), "spiece.model"); });
  }
}

TEST(Charsmap, RefusesATrieThatLeadsOutOfItself) {
  std::string blob = published_charsmap();
  for (std::size_t i = 4; i < 4096; ++i) blob[i] = '\x7F';
  expect_error(ErrorCode::kBadFormat, {"spiece.model", "trie"}, [&] { Charsmap(blob, "spiece.model"); });
}

}  // namespace
}  // namespace tandem::text

#include "text/unicode.h"

#include <gtest/gtest.h>

namespace tandem::text {
namespace {

TEST(Unicode, CodePointsComeBackAsTheyWere) {
  const std::string text = "aé犬🏖";
  std::string again;
  std::size_t position = 0;
  while (position < text.size()) append_code_point(next_code_point(text, position), again);
  EXPECT_EQ(again, text);
  EXPECT_EQ(count_code_points(text), 4u);
  EXPECT_EQ(count_code_points(""), 0u);
}

TEST(Unicode, LowerCasingCodePointsKnowsNoFinalSigma) {
  EXPECT_EQ(lower_code_points("ΟΔΟΣ"), "οδοσ");
  EXPECT_EQ(lower_text("ΟΔΟΣ"), "οδος");
}

TEST(Unicode, LowerCasingUsesFullMappings) {
  EXPECT_EQ(lower_code_points("İ"), "i\u0307");
  EXPECT_EQ(lower_code_points("ÉCOLE Ǆ"), "école ǆ");
  EXPECT_EQ(lower_code_points(""), "");
}

TEST(Unicode, ComposesAndStripsAccents) {
  EXPECT_EQ(compose("e\u0301"), "é");
  EXPECT_EQ(compose("\u212B"), "Å");
  EXPECT_EQ(strip_accents("é ñ"), "e n");
  EXPECT_EQ(strip_accents("한국"), "\u1112\u1161\u11AB\u1100\u116E\u11A8");
}

TEST(Unicode, NormalFormsAreThoseOfUnicode9) {
  // U+0D3C came with Unicode 10: its combining class moves no mark.
  EXPECT_EQ(compose("x\u0310\u0D3C"), "x\u0310\u0D3C");
}

TEST(Unicode, BertClassesAreThoseOfUnicode8) {
  EXPECT_TRUE(is_bert_punctuation(U'$')) << "ASCII symbols count";
  EXPECT_TRUE(is_bert_punctuation(0x166D)) << "a symbol since Unicode 12";
  EXPECT_FALSE(is_bert_punctuation(0x2E52)) << "new in Unicode 14";
  EXPECT_FALSE(is_bert_punctuation(U'€'));
  EXPECT_TRUE(is_bert_control(0x200B));
  EXPECT_FALSE(is_bert_control(0x0890)) << "new in Unicode 14";
  EXPECT_FALSE(is_bert_control(0x0378)) << "unassigned";
}

TEST(Unicode, PythonHasMoreWhiteSpace) {
  EXPECT_TRUE(is_python_white_space(0x1C));
  EXPECT_FALSE(is_white_space(0x1C));
  EXPECT_TRUE(is_white_space(0x3000));
  EXPECT_FALSE(is_white_space(0x200B));
}

TEST(Unicode, GraphemesKeepMarksTogether) {
  EXPECT_EQ(grapheme_ends("e\u0301x"), (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(grapheme_ends("\r\n"), (std::vector<std::size_t>{2}));
  EXPECT_TRUE(grapheme_ends("").empty());
}

}  // namespace
}  // namespace tandem::text

#include "core/utf8.h"

#include <gtest/gtest.h>

#include "tandem/error.h"

namespace tandem {
namespace {

TEST(Utf8, WellFormedTextHasNoInvalidByte) {
  EXPECT_EQ(first_invalid_utf8(""), std::nullopt);
  EXPECT_EQ(first_invalid_utf8("déjà vu 犬 🏖️"), std::nullopt);
  EXPECT_EQ(first_invalid_utf8(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(Utf8, TellsTheOffsetOfTheFirstBadByte) {
  EXPECT_EQ(first_invalid_utf8("ab\xFFz"), 2u);
  EXPECT_EQ(first_invalid_utf8("ab\xC3"), 2u) << "truncated sequence";
  EXPECT_EQ(first_invalid_utf8("\xC0\xAF"), 0u) << "overlong form";
  EXPECT_EQ(first_invalid_utf8("a\xED\xA0\x80"), 1u) << "surrogate";
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0u) << "beyond U+10FFFF";
}

TEST(Utf8, RequireNamesThePlace) {
  try {
    require_utf8("x\xFF", "query");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("query: invalid UTF-8 at byte 1"), std::string::npos);
  }
}

TEST(Utf8, PrintableReplacesBadBytes) {
  EXPECT_EQ(printable_utf8("a\xFF"
                           "é"),
            "a\xEF\xBF\xBDé");
}

TEST(Utf8, PrintableEscapesWhatMovesTheCursor) {
  EXPECT_EQ(printable_utf8("a\nb\tc\rd\x1b[31m\x7f"), "a\\nb\\tc\\rd\\x1b[31m\\x7f");
  EXPECT_EQ(printable_utf8(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable_utf8("a\xC2\x9Bz"), "a\\x9bz") << "a control character of two bytes";
}

TEST(Utf8, PrintableTextStaysAsItIs) {
  const std::string text = "žluťoučký kůň \\n 犬 \xC2\xA0 🏖️";
  EXPECT_EQ(printable_utf8(text), text);
}

}  // namespace
}  // namespace tandem

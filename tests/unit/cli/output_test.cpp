#include "cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Json, FloatsKeepTheDigitsOfAFloat32) {
  for (const float value : {0.1f, -1.0f / 3, 3.40282347e+38f, 1.17549435e-38f, 0.0f, 8.00000095f}) {
    const std::string text = to_line(Json(value));
    EXPECT_EQ(std::stof(text), value) << text;
  }
}

TEST(Json, KeysStayInTheirOrder) {
  EXPECT_EQ(to_line({{"rank", 1}, {"id", 2}, {"logit", json_or_null(std::nullopt)}}),
            R"({"rank":1,"id":2,"logit":null})");
}

TEST(Json, LargeNumbersStayWhole) {
  EXPECT_EQ(to_line(Json(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
}

TEST(Json, NamesThatAreNotUtf8DoNotThrow) {
  EXPECT_EQ(to_line({{"path",
                      "a\xFF"
                      "b\n"}}),
            "{\"path\":\"a\xEF\xBF\xBD"
            "b\\n\"}");
}

TEST(OneLine, EscapesWhatWouldMoveTheCursor) {
  EXPECT_EQ(one_line("a\nb\tc\rd\x1b[31m\x7f"), "a\\nb\\tc\\rd\\x1b[31m\\x7f");
  EXPECT_EQ(one_line("žluťoučký \xFF"), "žluťoučký \xFF") << "the rest is left as it is";
  EXPECT_EQ(one_line(""), "");
}

TEST(Number, IsWrittenAsTheFormatSays) {
  EXPECT_EQ(number(0.123456), "0.1235");
  EXPECT_EQ(number(1e6), "1e+06");
  EXPECT_EQ(number(2.0f / 3, "%8.3f  "), "   0.667  ");
  EXPECT_EQ(number(7, "%g ms"), "7 ms");
  EXPECT_EQ(number(-std::numeric_limits<float>::max(), "%.4f").size(), 45u) << "room for every float";
  EXPECT_EQ(number(std::numeric_limits<double>::max(), "%.4f").size(), 63u) << "cut, not written beyond";
}

TEST(CountOf, KnowsOne) {
  EXPECT_EQ(count_of(0, "picture"), "0 pictures");
  EXPECT_EQ(count_of(1, "picture"), "1 picture");
  EXPECT_EQ(count_of(2, "picture"), "2 pictures");
}

TEST(BytesOf, TakesTheUnitThatFits) {
  EXPECT_EQ(bytes_of(0), "0 bytes");
  EXPECT_EQ(bytes_of(1), "1 byte");
  EXPECT_EQ(bytes_of(999), "999 bytes");
  EXPECT_EQ(bytes_of(1000), "1.0 kB");
  EXPECT_EQ(bytes_of(999'949), "999.9 kB");
  EXPECT_EQ(bytes_of(999'999), "1.0 MB");
  EXPECT_EQ(bytes_of(53'000'000), "53.0 MB");
  EXPECT_EQ(bytes_of(7'000'000'000'000'000), "7000.0 TB");
}

TEST(Table, PadsAllColumnsButTheLast) {
  EXPECT_THAT(table({}), IsEmpty());
  EXPECT_THAT(table({{"rank", "path"}, {"1", "a much longer name"}, {"10", "b"}}),
              ElementsAre("rank  path", "   1  a much longer name", "  10  b"));
}

}  // namespace
}  // namespace tandem::cli

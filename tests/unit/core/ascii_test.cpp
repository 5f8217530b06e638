#include "core/ascii.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(AsciiLower, ChangesTheLettersOfAsciiAlone) {
  EXPECT_EQ(ascii_lower(".JPG"), ".jpg");
  EXPECT_EQ(ascii_lower("aAzZ@[`{09"), "aazz@[`{09");
  EXPECT_EQ(ascii_lower("\xC3\x84 \xFF"), "\xC3\x84 \xFF");
  EXPECT_EQ(ascii_lower(""), "");
}

}  // namespace
}  // namespace tandem

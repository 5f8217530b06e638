#include "core/base64.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

using std::string_literals::operator""s;

TEST(Base64, ReadsTheVectorsOfItsStandard) {  // RFC 4648, section 10
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("/+8AAAAA"), "\xff\xef\0\0\0\0"s);
}

TEST(Base64, OtherTextsAreNone) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9=Zm9v", "Zm9*", "Zm9-", "Zm9\xff", "Zm\n=", "===="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

}  // namespace
}  // namespace tandem

#include "core/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace tandem {
namespace {

TEST(Crc32c, OfTheDigitsIsTheCheckValueOfItsDefinition) {
  EXPECT_EQ(crc32c(std::as_bytes(std::span(std::string_view("123456789")))), 0xe3069283u);
}

// RFC 3720, appendix B.4.
TEST(Crc32c, AgreesWithTheExamplesOfTheStandard) {
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0x00})), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62a8ab43u);
}

TEST(Crc32c, OfNothingIsZero) { EXPECT_EQ(crc32c({}), 0u); }

}  // namespace
}  // namespace tandem

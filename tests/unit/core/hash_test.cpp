#include "core/hash.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

// The published XXH3 value of no bytes.
TEST(Hash, AgreesWithTheReferenceOnNothing) {
  EXPECT_EQ(checksum64({}), 0x2d06800538d394c2u);
  EXPECT_EQ(Fingerprint().hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, BlocksDoNotMatterBytesDo) {
  Fingerprint whole;
  whole.update(std::string_view("gallery"));
  Fingerprint parts;
  parts.update(std::string_view("gall"));
  parts.update(std::string_view("ery"));
  Fingerprint other;
  other.update(std::string_view("gallerz"));
  EXPECT_EQ(whole.hex(), parts.hex());
  EXPECT_NE(whole.hex(), other.hex());
  EXPECT_EQ(whole.hex().size(), 32u);
}

}  // namespace
}  // namespace tandem

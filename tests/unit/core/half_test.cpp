#include "core/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace tandem {
namespace {

TEST(Half, EveryHalfComesBackFromItsFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_half(half);
    if (std::isnan(value)) {
      EXPECT_TRUE((half & 0x7c00) == 0x7c00 && (half & 0x3ff) != 0);
    } else {
      ASSERT_EQ(to_half(value), half);
    }
  }
}

TEST(Half, RoundsToTheNearestTiesToEven) {
  for (std::uint16_t half = 0; half < 0x7bff; ++half) {
    const float low = from_half(half);
    const float high = from_half(static_cast<std::uint16_t>(half + 1));
    const float middle = (low + high) / 2;  // exact
    const auto even = static_cast<std::uint16_t>(half % 2 == 0 ? half : half + 1);
    ASSERT_EQ(to_half(middle), even);
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0F)), half);
    ASSERT_EQ(to_half(std::nextafter(middle, 1e9F)), half + 1);
    ASSERT_EQ(to_half(-middle), even | 0x8000);
  }
}

TEST(Half, KnownValues) {
  EXPECT_EQ(from_half(0x3c00), 1.0F);
  EXPECT_EQ(from_half(0xc000), -2.0F);
  EXPECT_EQ(from_half(0x7bff), 65504.0F);
  EXPECT_EQ(from_half(0x0001), std::ldexp(1.0F, -24));
  EXPECT_TRUE(std::isinf(from_half(0x7c00)));
  EXPECT_EQ(to_half(1e9F), 0x7c00);
  EXPECT_TRUE(std::isnan(from_half(to_half(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Bfloat, EveryBfloatComesBackFromItsFloat) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto bfloat = static_cast<std::uint16_t>(bits);
    const float value = from_bfloat(bfloat);
    ASSERT_EQ(std::bit_cast<std::uint32_t>(value), bits << 16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(from_bfloat(to_bfloat(value))));
    } else {
      ASSERT_EQ(to_bfloat(value), bfloat);
    }
  }
}

TEST(Bfloat, RoundsToTheNearestTiesToEven) {
  for (std::uint16_t bfloat = 0; bfloat < 0x7f7f; ++bfloat) {
    const float middle = std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16 | 0x8000U);
    const auto even = static_cast<std::uint16_t>(bfloat % 2 == 0 ? bfloat : bfloat + 1);
    ASSERT_EQ(to_bfloat(middle), even);
    ASSERT_EQ(to_bfloat(std::nextafter(middle, 0.0F)), bfloat);
    ASSERT_EQ(to_bfloat(std::nextafter(middle, HUGE_VALF)), bfloat + 1);
    ASSERT_EQ(to_bfloat(-middle), even | 0x8000);
  }
}

TEST(Bfloat, KnownValues) {
  EXPECT_EQ(to_bfloat(1.0F), 0x3f80);
  EXPECT_EQ(to_bfloat(-2.0F), 0xc000);
  EXPECT_EQ(to_bfloat(std::numeric_limits<float>::max()), 0x7f80) << "infinite";
  // The one bit of this NaN lies in the half that goes.
  EXPECT_TRUE(std::isnan(from_bfloat(to_bfloat(std::bit_cast<float>(0x7f800001U)))));
}

TEST(Half, ManyAreEachAsOne) {
  std::vector<std::uint16_t> halves(65536);
  std::iota(halves.begin(), halves.end(), 0);
  std::vector<float> values(halves.size());
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{17}, halves.size()}) {
    from_halves(std::as_bytes(std::span(halves).first(count)), std::span(values).first(count));
  }
  for (std::size_t i = 0; i < halves.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i]), std::bit_cast<std::uint32_t>(from_half(halves[i])))
        << i;
  }
}

}  // namespace
}  // namespace tandem

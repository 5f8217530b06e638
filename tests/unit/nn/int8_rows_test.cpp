#include "nn/int8_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace tandem::nn {
namespace {

TEST(QuantiseRow, RoundsToTheNearestStepWithAndWithoutASign) {
  const float row[] = {-2, -1, -0.01F, 0, 0.004F, 1, 1.99F, 2};
  std::uint8_t steps[8];
  EXPECT_FLOAT_EQ(quantise_row(row, 8, 0, steps), 2 / 127.0F);
  const int expected[] = {-127, -64, -1, 0, 0, 64, 126, 127};
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(static_cast<std::int8_t>(steps[i]), expected[i], i == 1) << i;
  std::uint8_t shifted[8];
  quantise_row(row, 8, 128, shifted);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(shifted[i], static_cast<std::int8_t>(steps[i]) + 128) << i;
}

TEST(QuantiseRow, KeepsZerosAndTellsOfNotANumber) {
  const float zeros[] = {0, -0.0F, 0};
  std::uint8_t steps[3];
  EXPECT_EQ(quantise_row(zeros, 3, 0, steps), 0);
  for (const std::uint8_t step : steps) EXPECT_EQ(step, 0);
  const float none[] = {1, std::numeric_limits<float>::quiet_NaN(), 2};
  EXPECT_TRUE(std::isnan(quantise_row(none, 3, 0, steps)));
}

}  // namespace
}  // namespace tandem::nn

#include "nn/int8_rows.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace tandem::nn {
namespace {

TEST(QuantiseRow, RoundsToTheNearestStepWithAndWithoutASign) {
  const float row[] = {-2, -1, -0.01F, 0, 0.004F, 1, 1.99F, 2};
  std::uint8_t steps[8];
  EXPECT_FLOAT_EQ(quantise_row(row, 8, kSignedBytes, steps), 2 / 127.0F);
  const int expected[] = {-127, -64, -1, 0, 0, 64, 126, 127};
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(static_cast<std::int8_t>(steps[i]), expected[i], i == 1) << i;
  std::uint8_t shifted[8];
  quantise_row(row, 8, {at::kByte, 128, 127}, shifted);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(shifted[i], static_cast<std::int8_t>(steps[i]) + 128) << i;
}

TEST(QuantiseRow, TakesAllStepsOfARange) {
  const float row[] = {0, 0.5F, 2};
  std::uint8_t steps[3];
  EXPECT_FLOAT_EQ(quantise_row(row, 3, {at::kByte, 0, 255}, steps), 2 / 255.0F);
  EXPECT_THAT(steps, ::testing::ElementsAre(0, 64, 255));
  quantise_row(row, 3, {at::kByte, 64, 63}, steps);
  EXPECT_THAT(steps, ::testing::ElementsAre(64, 80, 127));
}

TEST(QuantiseRow, KeepsZerosAndTellsOfNotANumber) {
  const float zeros[] = {0, -0.0F, 0};
  std::uint8_t steps[3];
  EXPECT_EQ(quantise_row(zeros, 3, kSignedBytes, steps), 0);
  for (const std::uint8_t step : steps) EXPECT_EQ(step, 0);
  const float none[] = {1, std::numeric_limits<float>::quiet_NaN(), 2};
  EXPECT_TRUE(std::isnan(quantise_row(none, 3, kSignedBytes, steps)));
}

}  // namespace
}  // namespace tandem::nn

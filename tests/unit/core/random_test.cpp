#include "core/random.h"

#include <gtest/gtest.h>

#include <array>

namespace tandem {
namespace {

// The standard says that the 10000th number of mt19937_64 with its usual seed is 9981545732273789042.
TEST(Random, IsTheSequenceOfTheStandardEngine) {
  Random random(5489);
  for (int i = 1; i < 10000; ++i) random.uniform(0, 1);
  EXPECT_EQ(random.uniform(0, 1), static_cast<double>(9981545732273789042u >> 11) / 9007199254740992.0);
}

TEST(Random, KeepsToItsBoundsAndComesNearBoth) {
  Random random(1);
  double least = 2;
  double most = -3;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.uniform(-3, 2);
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_GE(least, -3);
  EXPECT_LT(least, -2.99);
  EXPECT_LE(most, 2);
  EXPECT_GT(most, 1.99);
}

TEST(Random, ChoosesEachNumberAsOften) {
  Random random(1);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(counts.size()));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(Random, HasNoChoiceAmongOneOrNone) {
  Random random(1);
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_EQ(random.below(0), 0u);
}

}  // namespace
}  // namespace tandem

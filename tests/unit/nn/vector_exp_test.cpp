#include "nn/vector_exp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <vector>

namespace tandem::nn {
namespace {

TEST(VectorExp, IsNearTheExactOne) {
  for (double x = -80; x <= 80; x += 0.0078125) {
    const double exact = std::exp(x);
    ASSERT_NEAR(vector_exp(static_cast<float>(x)) / exact, 1, 3e-7) << x;
  }
  EXPECT_EQ(vector_exp(0), 1);
}

TEST(VectorExp, EndsBeforeFloatsDo) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float x : {81.0F, 1e30F, infinity}) EXPECT_EQ(vector_exp(x), vector_exp(80)) << x;
  for (const float x : {-81.0F, -1e30F, -infinity}) EXPECT_EQ(vector_exp(x), vector_exp(-80)) << x;
  EXPECT_TRUE(std::isnan(vector_exp(std::numeric_limits<float>::quiet_NaN())));
}

TEST(ExponentiateRow, EndsAtOneAndSumsUp) {
  for (const float factor : {1.0F, 0.25F}) {
    std::vector<float> row(21);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = std::sin(static_cast<float>(i)) * 35;
    const std::vector<float> scores = row;
    const float largest = *std::ranges::max_element(scores);
    const float sum = exponentiate_row(row.data(), std::ssize(row), factor);
    EXPECT_EQ(*std::ranges::max_element(row), 1);
    double total = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double exact = std::exp(double{factor} * (scores[i] - largest));
      EXPECT_NEAR(row[i], exact, 1e-5 * exact) << i;  // the rounding of an exponent near 80
      total += exact;
    }
    EXPECT_NEAR(sum, total, 1e-5 * total);
  }
}

}  // namespace
}  // namespace tandem::nn

#include "nn/vector_exp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

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

}  // namespace
}  // namespace tandem::nn

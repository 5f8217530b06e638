#include "nn/int8_memory.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "nn/int8_rows.h"

namespace tandem::nn {
namespace {

constexpr double kScale = 0.1;

struct Sizes {
  std::int64_t memories, heads, queries, tokens, width;
};

class Int8MemoryTest : public ::testing::TestWithParam<Sizes> {
 protected:
  Int8MemoryTest() { torch::manual_seed(4); }
  void SetUp() override {
    if (!multiplies_bytes()) GTEST_SKIP() << "this processor has no instructions for it";
  }

  at::NoGradGuard no_grad_;
  Sizes sizes_ = GetParam();
  at::Tensor tokens_ = torch::randn({sizes_.memories, sizes_.tokens, sizes_.width}) *
                       torch::exp(torch::randn({sizes_.memories, sizes_.tokens, 1}));
  at::Tensor queries_ = torch::randn({sizes_.memories, sizes_.heads, sizes_.queries, sizes_.width});
};

// Three factors of 8 bits, each off by at most half of 1/127 of the largest of its row.
TEST_P(Int8MemoryTest, IsNearTheExactAttention) {
  const at::Tensor tokens = tokens_.unsqueeze(1);
  const at::Tensor exact = at::matmul(at::softmax(at::matmul(queries_, tokens.mT()) * kScale, -1), tokens);
  const at::Tensor near = Int8Memory(tokens_).attend(queries_, kScale);
  EXPECT_LT(((near - exact).norm() / exact.norm()).item<float>(), 0.04F);
}

TEST_P(Int8MemoryTest, AMemoryDoesNotDependOnThoseBesideIt) {
  const at::Tensor together = Int8Memory(tokens_).attend(queries_, kScale);
  for (std::int64_t i = 0; i < sizes_.memories; ++i) {
    const Int8Memory alone(tokens_.slice(0, i, i + 1));
    EXPECT_TRUE(at::equal(alone.attend(queries_.slice(0, i, i + 1), kScale)[0], together[i])) << i;
  }
}

TEST_P(Int8MemoryTest, ReadsAndGivesHeadByHead) {
  const Int8Memory memory(tokens_);
  const at::Tensor by_head = queries_.transpose(0, 1).contiguous().transpose(0, 1);
  const at::Tensor found = memory.attend(by_head, kScale);
  EXPECT_TRUE(at::equal(found, memory.attend(queries_, kScale)));
  EXPECT_TRUE(found.transpose(0, 1).is_contiguous());
}

// The queries of one text are the same for each picture, without a copy for each.
TEST_P(Int8MemoryTest, ReadsQueriesThatAreExpanded) {
  const at::Tensor one = queries_.slice(0, 0, 1).expand({sizes_.memories, -1, -1, -1});
  const Int8Memory memory(tokens_);
  EXPECT_TRUE(at::equal(memory.attend(one, kScale), memory.attend(one.contiguous(), kScale)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Int8MemoryTest,
                         ::testing::Values(Sizes{1, 1, 1, 1, 1}, Sizes{1, 7, 1, 33, 20},
                                           Sizes{5, 3, 4, 197, 64}, Sizes{3, 12, 12, 577, 96}),
                         [](const auto& test) {
                           const Sizes& sizes = test.param;
                           return std::to_string(sizes.memories) + "Of" + std::to_string(sizes.tokens);
                         });

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

#include <gtest/gtest.h>

#include "nn/attention.h"
#include "nn/int8_rows.h"

namespace tandem::nn {
namespace {

struct Sizes {
  std::int64_t tokens, memory_tokens;
};

class CrossAttentionTest : public ::testing::TestWithParam<Sizes> {
 protected:
  CrossAttentionTest() {
    torch::manual_seed(1);
    for (auto& parameter : attention_->parameters()) parameter.normal_(0, 0.2);
  }

  at::NoGradGuard no_grad_;
  CrossAttention attention_{64, 48, 4};
  at::Tensor x_ = torch::randn({3, GetParam().tokens, 64});
  at::Tensor memory_ = torch::randn({3, GetParam().memory_tokens, 48});
};

// Sums in another order: results are off by some hundred roundings of float32.
constexpr double kRounding = 1e-5;

TEST_P(CrossAttentionTest, AbsorbedEqualsProjected) {
  const at::Tensor projected = attention_->forward_projected(x_, memory_);
  EXPECT_TRUE(at::allclose(attention_->forward_absorbed(x_, memory_), projected, kRounding, kRounding));
  EXPECT_TRUE(at::allclose(attention_->forward(x_, memory_), projected, kRounding, kRounding));
}

TEST_P(CrossAttentionTest, OneTextIsReadWithEachMemory) {
  const at::Tensor one = x_.slice(0, 0, 1);
  const at::Tensor repeated = one.expand({3, -1, -1}).contiguous();
  const at::Tensor expected = attention_->forward_projected(repeated, memory_);
  EXPECT_TRUE(at::allclose(attention_->forward_absorbed(one, memory_), expected, kRounding, kRounding));
  EXPECT_TRUE(at::allclose(attention_->forward_projected(one, memory_), expected, kRounding, kRounding));
}

TEST_P(CrossAttentionTest, HasGradientsOfAllWeights) {
  const at::AutoGradMode with_gradients(true);
  attention_->forward(x_, memory_).pow(2).sum().backward();
  for (const auto& item : attention_->named_parameters()) {
    EXPECT_TRUE(item.value().grad().defined()) << item.key();
  }
}

// bf16 has 8 bits: each of a handful of roundings is off by at most 0.4 %.
TEST_P(CrossAttentionTest, Bf16IsNear) {
  const at::Tensor exact = attention_->forward_projected(x_, memory_);
  attention_->set_precision(Precision::kBf16);
  for (const at::Tensor& near :
       {attention_->forward_absorbed(x_, memory_), attention_->forward_projected(x_, memory_)}) {
    EXPECT_LT((near - exact).norm().item<float>(), 0.03F * exact.norm().item<float>());
  }
}

// One factor has 7 bits instead of 8 on some processors, where its steps are twice as large.
TEST_P(CrossAttentionTest, Int8IsNear) {
  const at::Tensor exact = attention_->forward_projected(x_, memory_);
  attention_->set_precision(Precision::kInt8);
  const float near_enough = byte_range().steps == 127 ? 0.03F : 0.04F;
  for (const at::Tensor& near :
       {attention_->forward_absorbed(x_, memory_), attention_->forward_projected(x_, memory_)}) {
    EXPECT_LT((near - exact).norm().item<float>(), near_enough * exact.norm().item<float>());
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CrossAttentionTest,
                         ::testing::Values(Sizes{1, 1}, Sizes{3, 50}, Sizes{12, 197}, Sizes{35, 577},
                                           Sizes{52, 577}),
                         [](const auto& sizes) {
                           return std::to_string(sizes.param.tokens) + "With" +
                                  std::to_string(sizes.param.memory_tokens);
                         });

TEST(CrossAttentionRule, AbsorbsShortTextsOfLongMemories) {
  const at::NoGradGuard no_grad;
  CrossAttention attention(768, 768, 12);
  EXPECT_TRUE(attention->absorbs(12, 577));
  EXPECT_TRUE(attention->absorbs(52, 577));
  EXPECT_FALSE(attention->absorbs(53, 577));
  EXPECT_TRUE(attention->absorbs(8, 1));
  EXPECT_FALSE(attention->absorbs(20, 50));
  attention->set_precision(Precision::kInt8);
  EXPECT_EQ(attention->absorbs(75, 577), multiplies_bytes()) << "where image tokens are read in int8";
  EXPECT_FALSE(attention->absorbs(116, 577));
}

}  // namespace
}  // namespace tandem::nn

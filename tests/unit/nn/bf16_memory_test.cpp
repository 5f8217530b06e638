#include "nn/bf16_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "nn/bf16_matrix.h"

namespace tandem::nn {
namespace {

constexpr double kScale = 0.1;

struct Sizes {
  std::int64_t memories, heads, queries, tokens, width;
};

class Bf16MemoryTest : public ::testing::TestWithParam<Sizes> {
 protected:
  Bf16MemoryTest() { torch::manual_seed(4); }
  void SetUp() override {
    if (!multiplies_bf16_tiles()) GTEST_SKIP() << "this processor has no instructions for it";
  }

  at::NoGradGuard no_grad_;
  Sizes sizes_ = GetParam();
  at::Tensor tokens_ = torch::randn({sizes_.memories, sizes_.tokens, sizes_.width}).to(at::kBFloat16);
  at::Tensor queries_ =
      torch::randn({sizes_.memories, sizes_.heads, sizes_.queries, sizes_.width}).to(at::kBFloat16);
};

// From the same bf16 on, the shares and the result are rounded, each by at most 0.4 %.
TEST_P(Bf16MemoryTest, IsNearTheExactAttention) {
  const at::Tensor tokens = tokens_.to(at::kFloat).unsqueeze(1), queries = queries_.to(at::kFloat);
  const at::Tensor exact = at::matmul(at::softmax(at::matmul(queries, tokens.mT()) * kScale, -1), tokens);
  const at::Tensor near = Bf16Memory(tokens_).attend(queries_, kScale);
  EXPECT_LT(((near - exact).norm() / exact.norm()).item<float>(), 0.005F);
}

TEST_P(Bf16MemoryTest, AMemoryDoesNotDependOnThoseBesideIt) {
  const at::Tensor together = Bf16Memory(tokens_).attend(queries_, kScale);
  for (std::int64_t i = 0; i < sizes_.memories; ++i) {
    const Bf16Memory alone(tokens_.slice(0, i, i + 1));
    EXPECT_TRUE(at::equal(alone.attend(queries_.slice(0, i, i + 1), kScale)[0], together[i])) << i;
  }
}

TEST_P(Bf16MemoryTest, ReadsAndGivesHeadByHead) {
  const Bf16Memory memory(tokens_);
  const at::Tensor by_head = queries_.transpose(0, 1).contiguous().transpose(0, 1);
  const at::Tensor found = memory.attend(by_head, kScale);
  EXPECT_TRUE(at::equal(found, memory.attend(queries_, kScale)));
  EXPECT_TRUE(found.transpose(0, 1).is_contiguous());
}

// The queries of one text are the same for each picture, without a copy for each.
TEST_P(Bf16MemoryTest, ReadsQueriesThatAreExpanded) {
  const at::Tensor one = queries_.slice(0, 0, 1).expand({sizes_.memories, -1, -1, -1});
  const Bf16Memory memory(tokens_);
  EXPECT_TRUE(at::equal(memory.attend(one, kScale), memory.attend(one.contiguous(), kScale)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Bf16MemoryTest,
                         ::testing::Values(Sizes{1, 1, 1, 1, 64}, Sizes{1, 7, 1, 33, 64},
                                           Sizes{5, 3, 4, 197, 64}, Sizes{3, 12, 12, 577, 128}),
                         [](const auto& test) {
                           const Sizes& sizes = test.param;
                           return std::to_string(sizes.memories) + "Of" + std::to_string(sizes.tokens);
                         });

}  // namespace
}  // namespace tandem::nn

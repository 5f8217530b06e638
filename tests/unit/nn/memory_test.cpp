#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>

#include "nn/bf16_matrix.h"
#include "nn/bf16_memory.h"
#include "nn/int8_memory.h"

namespace tandem::nn {
namespace {

constexpr double kScale = 0.1;

enum class Kind { kInt8, kBf16 };

struct Case {
  Kind kind;
  std::int64_t memories, heads, queries, tokens, width;
};

// The name of a case; without it GoogleTest prints its bytes, padding among them.
void PrintTo(const Case& test, std::ostream* out) {
  *out << (test.kind == Kind::kInt8 ? "Int8" : "Bf16") << 'x' << test.memories << "Of" << test.tokens;
}

// Int8Memory and Bf16Memory.
class MemoryTest : public ::testing::TestWithParam<Case> {
 protected:
  MemoryTest() {
    torch::manual_seed(4);
    tokens_ = torch::randn({case_.memories, case_.tokens, case_.width});
    queries_ = torch::randn({case_.memories, case_.heads, case_.queries, case_.width});
    if (case_.kind == Kind::kInt8) {
      tokens_ = tokens_ * torch::exp(torch::randn({case_.memories, case_.tokens, 1}));
    } else {
      tokens_ = tokens_.to(at::kBFloat16);
      queries_ = queries_.to(at::kBFloat16);
    }
  }
  void SetUp() override {
    if (case_.kind == Kind::kBf16 && !multiplies_bf16_tiles()) {
      GTEST_SKIP() << "it is for processors that multiply tiles of bf16 (AMX)";
    }
  }

  at::Tensor attend(const at::Tensor& tokens, const at::Tensor& queries) const {
    return case_.kind == Kind::kInt8 ? Int8Memory(tokens).attend(queries, kScale)
                                     : Bf16Memory(tokens).attend(queries, kScale);
  }

  at::NoGradGuard no_grad_;
  Case case_ = GetParam();
  at::Tensor tokens_, queries_;
};

// int8: three factors of 8 bits, or 7 on some processors, each off by at most half a step of the largest of
// its row. bf16: from the same bf16 on, the shares and the result are rounded, each by at most 0.4 %.
TEST_P(MemoryTest, IsNearTheExactAttention) {
  const at::Tensor tokens = tokens_.to(at::kFloat).unsqueeze(1), queries = queries_.to(at::kFloat);
  const at::Tensor exact = at::matmul(at::softmax(at::matmul(queries, tokens.mT()) * kScale, -1), tokens);
  const at::Tensor near = attend(tokens_, queries_);
  EXPECT_LT(((near - exact).norm() / exact.norm()).item<float>(), case_.kind == Kind::kInt8 ? 0.04F : 0.005F);
}

TEST_P(MemoryTest, AMemoryDoesNotDependOnThoseBesideIt) {
  const at::Tensor together = attend(tokens_, queries_);
  for (std::int64_t i = 0; i < case_.memories; ++i) {
    const at::Tensor alone = attend(tokens_.slice(0, i, i + 1), queries_.slice(0, i, i + 1));
    EXPECT_TRUE(at::equal(alone[0], together[i])) << i;
  }
}

TEST_P(MemoryTest, ReadsAndGivesHeadByHead) {
  const at::Tensor found = attend(tokens_, queries_.transpose(0, 1).contiguous().transpose(0, 1));
  EXPECT_TRUE(at::equal(found, attend(tokens_, queries_)));
  EXPECT_TRUE(found.transpose(0, 1).is_contiguous());
}

// The queries of one text are the same for each picture, without a copy for each.
TEST_P(MemoryTest, ReadsQueriesThatAreExpanded) {
  const at::Tensor one = queries_.slice(0, 0, 1).expand({case_.memories, -1, -1, -1});
  EXPECT_TRUE(at::equal(attend(tokens_, one), attend(tokens_, one.contiguous())));
}

// Where a processor sums bytes in 16 bits, these are the largest sums that there are.
TEST(Int8Memory, LargestStepsDoNotOverflow) {
  const at::NoGradGuard no_grad;
  const at::Tensor tokens = at::ones({1, 70, 96});
  const at::Tensor mean = Int8Memory(tokens).attend(at::ones({1, 2, 3, 96}), kScale);
  EXPECT_LT((mean - 1).abs().max().item<float>(), 1e-5F);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, MemoryTest,
    ::testing::Values(Case{Kind::kInt8, 1, 1, 1, 1, 1}, Case{Kind::kInt8, 1, 7, 1, 33, 20},
                      Case{Kind::kInt8, 5, 3, 4, 197, 64}, Case{Kind::kInt8, 3, 12, 12, 577, 96},
                      Case{Kind::kBf16, 1, 1, 1, 1, 64}, Case{Kind::kBf16, 1, 7, 1, 33, 64},
                      Case{Kind::kBf16, 5, 3, 4, 197, 64}, Case{Kind::kBf16, 3, 12, 12, 577, 128}),
    ::testing::PrintToStringParamName());

}  // namespace
}  // namespace tandem::nn

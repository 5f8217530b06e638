#include "nn/bf16_matrix.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace tandem::nn {
namespace {

class Bf16MatrixTest : public ::testing::Test {
 protected:
  Bf16MatrixTest() { torch::manual_seed(4); }
  void SetUp() override {
    if (!multiplies_bf16_tiles()) GTEST_SKIP() << "it is for processors that multiply tiles of bf16 (AMX)";
  }

  at::NoGradGuard no_grad_;
  at::Tensor weight_ = torch::randn({40, 70}).to(at::kBFloat16);
  at::Tensor bias_ = torch::randn({40}).to(at::kBFloat16);
};

// Summed in float32, the result is rounded once, by at most 0.4 %.
TEST_F(Bf16MatrixTest, IsNearTheExactProduct) {
  for (const std::int64_t rows : {1, 2, 33, 600}) {
    const at::Tensor x = torch::randn({rows, 70}).to(at::kBFloat16);
    for (const at::Tensor& bias : {bias_, at::Tensor()}) {
      const at::Tensor exact = at::linear(x.to(at::kFloat), weight_.to(at::kFloat),
                                          bias.defined() ? bias.to(at::kFloat) : at::Tensor());
      const at::Tensor near = Bf16Matrix(weight_, bias).multiply(x);
      EXPECT_EQ(near.scalar_type(), at::kBFloat16);
      EXPECT_LT(((near - exact).norm() / exact.norm()).item<float>(), 0.004F) << rows;
    }
  }
}

TEST_F(Bf16MatrixTest, KeepsShapesAndTakesAnyStrides) {
  const Bf16Matrix matrix(weight_, bias_);
  const at::Tensor x = torch::randn({4, 3, 70}).to(at::kBFloat16);
  EXPECT_EQ(matrix.multiply(x).sizes(), (std::vector<std::int64_t>{4, 3, 40}));
  EXPECT_TRUE(at::equal(matrix.multiply(x.transpose(0, 1)), matrix.multiply(x.transpose(0, 1).contiguous())));
  EXPECT_EQ(matrix.multiply(x.slice(0, 0, 0)).sizes(), (std::vector<std::int64_t>{0, 3, 40}));
}

}  // namespace
}  // namespace tandem::nn

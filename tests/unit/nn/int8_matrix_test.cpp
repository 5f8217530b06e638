#include "nn/int8_matrix.h"

#include <gtest/gtest.h>

#include <tuple>

#include "nn/layers.h"

namespace tandem::nn {
namespace {

// How many rows; whether bytes are multiplied as such.
class Int8MatrixTest : public ::testing::TestWithParam<std::tuple<std::int64_t, bool>> {
 protected:
  Int8MatrixTest() { torch::manual_seed(2); }
  void SetUp() override {
    if (by_bytes_ && !multiplies_bytes())
      GTEST_SKIP() << "products of bytes as such need a processor with AVX2";
  }
  const std::int64_t rows_ = std::get<0>(GetParam());
  const bool by_bytes_ = std::get<1>(GetParam());
  at::NoGradGuard no_grad_;
};

// 8 bits of two factors, or 7 of one on some processors: each is off by at most half a step of the largest of
// its row, and such errors of a sum partly cancel.
constexpr float kNear = 0.015F;

TEST_P(Int8MatrixTest, IsNearTheExactProduct) {
  const at::Tensor weight = torch::randn({40, 96}), bias = torch::randn({40});
  const at::Tensor x = torch::randn({rows_, 96}) * torch::exp(torch::randn({rows_, 1}) * 3);
  for (const at::Tensor& added : {bias, at::Tensor()}) {
    const at::Tensor exact = at::linear(x, weight, added);
    const at::Tensor error = (Int8Matrix(weight, added, by_bytes_).multiply(x) - exact).norm(2, -1);
    EXPECT_LT((error / exact.norm(2, -1)).max().item<float>(), 2 * kNear);
    EXPECT_LT((error / exact.norm(2, -1)).mean().item<float>(), kNear);
  }
}

// As the same steps one behind the other give it, but for the activation, which may bring a value to the
// next number of steps.
TEST_P(Int8MatrixTest, IsFollowedByAnActivationAndAnother) {
  const Int8Matrix up(torch::randn({160, 96}) / 10, torch::randn({160}), by_bytes_);
  const Int8Matrix down(torch::randn({40, 160}), torch::randn({40}), by_bytes_);
  const at::Tensor x = torch::randn({rows_, 96});
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh, Activation::kQuickGelu,
                                      Activation::kRelu, Activation::kSilu}) {
    const at::Tensor expected = down.multiply(activate(activation, up.multiply(x)));
    const at::Tensor found = up.multiply(x, activation, down);
    EXPECT_LT(((found - expected).norm() / expected.norm()).item<float>(), 1e-3F);
  }
}

// Where a processor sums bytes in 16 bits, these are the largest sums that there are.
TEST_P(Int8MatrixTest, LargestStepsDoNotOverflow) {
  const at::Tensor x = at::ones({rows_, 96});
  const Int8Matrix matrix(at::cat({at::ones({20, 96}), -at::ones({20, 96})}), {}, by_bytes_);
  for (const float sign : {1.0F, -1.0F}) {
    const at::Tensor expected =
        at::cat({at::full({rows_, 20}, sign * 96), at::full({rows_, 20}, -sign * 96)}, 1);
    EXPECT_LT((matrix.multiply(x * sign) - expected).abs().max().item<float>(), 1e-3F) << sign;
  }
}

TEST_P(Int8MatrixTest, ARowDoesNotDependOnThoseBesideIt) {
  const Int8Matrix matrix(torch::randn({40, 96}), {}, by_bytes_);
  const at::Tensor x = torch::randn({rows_, 96});
  const at::Tensor together = matrix.multiply(x);
  for (const std::int64_t row : {std::int64_t{0}, rows_ / 2, rows_ - 1}) {
    EXPECT_TRUE(at::equal(matrix.multiply(x.slice(0, row, row + 1))[0], together[row])) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, Int8MatrixTest,
                         ::testing::Combine(::testing::Values(1, 2, 17, 256, 600), ::testing::Bool()));

TEST(Int8Matrix, KeepsShapesAndZeros) {
  const at::NoGradGuard no_grad;
  at::Tensor weight = torch::randn({5, 8});
  weight[3].zero_();
  const Int8Matrix matrix(weight, {});
  const at::Tensor x = torch::zeros({2, 3, 8});
  const at::Tensor product = matrix.multiply(x);
  EXPECT_EQ(product.sizes(), (std::vector<std::int64_t>{2, 3, 5}));
  EXPECT_TRUE(at::equal(product, torch::zeros({2, 3, 5})));
  EXPECT_TRUE(at::equal(matrix.multiply(torch::randn({4, 8})).select(1, 3), torch::zeros({4})));
  EXPECT_EQ(matrix.multiply(torch::empty({0, 8})).size(0), 0);
}

TEST(LinearTest, OtherPrecisionsAreNear) {
  const at::NoGradGuard no_grad;
  torch::manual_seed(3);
  const at::Tensor x = torch::randn({7, 64});
  for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
    Linear linear(64, 32);
    for (auto& parameter : linear->parameters()) parameter.normal_();
    const at::Tensor exact = linear->forward(x);
    linear->set_precision(precision);
    const at::Tensor near = linear->forward(x);
    const bool is_bf16 = precision == Precision::kBf16 && multiplies_bf16_tiles();
    EXPECT_EQ(near.scalar_type(), is_bf16 ? at::kBFloat16 : at::kFloat);
    const float error = ((near - exact).norm() / exact.norm()).item<float>();
    EXPECT_LE(error, precision == Precision::kFp32 ? 0 : kNear) << static_cast<int>(precision);
  }
}

}  // namespace
}  // namespace tandem::nn

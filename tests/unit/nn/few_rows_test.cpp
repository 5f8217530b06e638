#include "nn/few_rows.h"

#include <gtest/gtest.h>

#include <limits>

#include "nn/layers.h"
#include "unit/nn/avx2_test.h"

namespace tandem::nn {
namespace {

class FewRowsTest : public Avx2Test {};

// Sums of some hundred products of numbers near 1, in another order.
constexpr double kOtherOrder = 1e-4;

TEST_F(FewRowsTest, AreTheProductsOfLibTorch) {
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 7, 12, 48}) {
    for (const std::int64_t in : {8, 384}) {
      for (const std::int64_t out : {1, 2, 3, 40, 385}) {
        const at::Tensor x = torch::randn({rows, in}), weight = torch::randn({out, in});
        for (const at::Tensor& bias : {torch::randn({out}), at::Tensor()}) {
          EXPECT_TRUE(at::allclose(multiply_few_rows(x, weight, bias), at::linear(x, weight, bias),
                                   kOtherOrder, kOtherOrder))
              << rows << " x " << in << " x " << out;
        }
      }
    }
  }
}

TEST_F(FewRowsTest, ARowDoesNotDependOnThoseBesideIt) {
  const at::Tensor x = torch::randn({11, 64}), weight = torch::randn({50, 64});
  const at::Tensor together = multiply_few_rows(x, weight, {});
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    EXPECT_TRUE(at::equal(multiply_few_rows(x.slice(0, i, i + 1), weight, {})[0], together[i])) << i;
  }
}

TEST_F(FewRowsTest, TakeAnyShapeAndStrides) {
  const at::Tensor x = torch::randn({16, 3, 2}).transpose(0, 2), weight = torch::randn({5, 16});
  const at::Tensor product = multiply_few_rows(x, weight, {});
  EXPECT_EQ(product.sizes(), (std::vector<std::int64_t>{2, 3, 5}));
  EXPECT_TRUE(at::allclose(product, at::linear(x, weight), kOtherOrder, kOtherOrder));
  EXPECT_EQ(multiply_few_rows(torch::empty({0, 16}), weight, {}).size(0), 0);
}

TEST_F(FewRowsTest, OfNotANumberAreNone) {
  at::Tensor x = torch::randn({2, 16});
  x[1][3] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor product = multiply_few_rows(x, torch::ones({4, 16}), {});
  EXPECT_FALSE(product[0].isnan().any().item<bool>());
  EXPECT_TRUE(product[1].isnan().all().item<bool>());
}

TEST(FewRows, AreNotThoseOfOtherSizesAndTypes) {
  EXPECT_EQ(has_few_rows(torch::empty({2, 5, 64})), is_widest_avx2());
  EXPECT_EQ(has_few_rows(torch::empty({48, 64})), is_widest_avx2());
  EXPECT_FALSE(has_few_rows(torch::empty({49, 64})));
  EXPECT_FALSE(has_few_rows(torch::empty({2, 60})));
  EXPECT_FALSE(has_few_rows(torch::empty({2, 64}, at::kBFloat16)));
}

TEST(FewRows, LeaveGradientsToLibTorch) {
  torch::manual_seed(6);
  Linear linear(16, 4);
  for (auto& parameter : linear->parameters()) parameter.set_data(torch::randn_like(parameter));
  linear->forward(torch::ones({2, 16})).sum().backward();
  EXPECT_TRUE(at::equal(linear->weight.grad(), at::full({4, 16}, 2.0F)));
}

}  // namespace
}  // namespace tandem::nn

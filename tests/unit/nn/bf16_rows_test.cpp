#include "nn/bf16_rows.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <bit>
#include <cmath>
#include <limits>

namespace tandem::nn {
namespace {

TEST(Bf16Rows, RoundAsLibTorchDoes) {
  torch::manual_seed(1);
  const float infinity = std::numeric_limits<float>::infinity();
  const at::Tensor row =
      at::cat({torch::randn({1000}) * torch::exp(20 * torch::randn({1000})),
               torch::tensor({0.0F, -0.0F, 1.00390625F, 1.01171875F, infinity, -infinity})});
  at::Tensor rounded = at::empty_like(row, at::kBFloat16);
  round_row(row.data_ptr<float>(), 1, row.numel(), rounded.data_ptr<c10::BFloat16>());
  EXPECT_TRUE(at::equal(rounded, row.to(at::kBFloat16)));
  round_row(row.data_ptr<float>(), 0.5F, 1000, rounded.data_ptr<c10::BFloat16>());
  EXPECT_TRUE(at::equal(rounded.slice(0, 0, 1000), (row * 0.5).to(at::kBFloat16).slice(0, 0, 1000)));
}

TEST(Bf16Rows, NotANumberStaysSo) {
  const float none = std::numeric_limits<float>::quiet_NaN();
  const float row[] = {none, -none, std::bit_cast<float>(0x7FFFFFFF), std::bit_cast<float>(0xFFFFFFFF)};
  c10::BFloat16 rounded[4];
  round_row(row, 1, 4, rounded);
  for (const c10::BFloat16 value : rounded) EXPECT_TRUE(std::isnan(static_cast<float>(value)));
}

}  // namespace
}  // namespace tandem::nn

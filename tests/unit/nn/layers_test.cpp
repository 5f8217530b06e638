#include "nn/layers.h"

#include <gtest/gtest.h>

namespace tandem::nn {
namespace {

TEST(Vocabulary, GivesTheSameNumbersFromInt8) {
  const at::NoGradGuard no_grad;
  const at::Tensor steps = torch::randint(-127, 128, {20, 6}).to(at::kChar), scales = torch::rand({20});
  Vocabulary table(20, 6);
  table->weight.copy_(steps.to(at::kFloat) * scales.unsqueeze(1));
  const at::Tensor ids = torch::tensor({{0, 19, 3}, {7, 7, 1}});
  const at::Tensor wanted = table->forward(ids);
  table->keep_int8(steps, scales);
  EXPECT_TRUE(at::equal(table->forward(ids), wanted));
  EXPECT_EQ(table->weight.numel(), 0) << "is not in memory twice";
}

}  // namespace
}  // namespace tandem::nn

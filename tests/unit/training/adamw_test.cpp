#include "training/adamw.h"

#include <gtest/gtest.h>

namespace tandem::training {
namespace {

TEST(AdamWTest, IsPyTorchsOptimiser) {
  torch::manual_seed(1);
  const at::Tensor start = torch::randn({5, 3}), target = torch::randn({5, 3});
  const at::Tensor ours = start.clone().requires_grad_(true), theirs = start.clone().requires_grad_(true);
  TrainingOptions options;
  options.optimiser = Optimiser::kAdamW;
  AdamW optimiser({{.name = "weight", .value = ours}}, options);
  torch::optim::AdamW reference(
      {theirs}, torch::optim::AdamWOptions(1e-2).eps(1e-6).weight_decay(0.05).betas({0.9, 0.999}));
  for (int step = 0; step < 20; ++step) {
    (ours - target).square().sum().backward();
    optimiser.step(1e-2);
    optimiser.zero_gradients();
    reference.zero_grad();
    (theirs - target).square().sum().backward();
    reference.step();
    ASSERT_LE((ours - theirs).abs().max().item<float>(), 1e-6) << step;
  }
}

TEST(AdamWTest, LeavesWhatHasNoGradient) {
  const at::Tensor used = torch::ones({2}).requires_grad_(true),
                   unused = torch::ones({2}).requires_grad_(true);
  AdamW optimiser({{.name = "used", .value = used}, {.name = "unused", .value = unused}}, {});
  used.sum().backward();
  optimiser.step(0.1);
  EXPECT_LT(used.max().item<float>(), 1);
  EXPECT_TRUE(unused.equal(torch::ones({2}))) << "no decay either";
  EXPECT_EQ(optimiser.parameters()[1].steps, 0);
}

TEST(AdamWTest, TakesRatesAndDecayOfEachParameter) {
  const auto step = [](TrainedParameter parameter) {
    parameter.value = torch::full({1}, 2.0F).requires_grad_(true);
    AdamW optimiser({parameter}, {});
    optimiser.parameters()[0].value.sum().backward();
    optimiser.step(0.1);
    return 2 - optimiser.parameters()[0].value.item<double>();
  };
  const double decayed = step({.name = "weight"}), plain = step({.name = "bias", .decays = false});
  const double slow = step({.name = "bias", .rate_factor = 0.5, .decays = false});
  EXPECT_GT(decayed, plain);
  EXPECT_NEAR(slow, plain / 2, 1e-6);
}

TEST(AdamWTest, ClipsAllGradientsTogether) {
  const at::Tensor a = torch::zeros({1}).requires_grad_(true), b = torch::zeros({1}).requires_grad_(true);
  AdamW optimiser({{.name = "a", .value = a}, {.name = "b", .value = b}}, {});
  (3 * a + 4 * b).sum().backward();
  EXPECT_NEAR(optimiser.clip_gradients(0), 5, 1e-6);
  EXPECT_NEAR(optimiser.clip_gradients(10), 5, 1e-6);
  EXPECT_FLOAT_EQ(a.grad().item<float>(), 3) << "not above the norm";
  EXPECT_NEAR(optimiser.clip_gradients(1), 5, 1e-6);
  EXPECT_NEAR(a.grad().item<float>(), 0.6, 1e-5);
  EXPECT_NEAR(b.grad().item<float>(), 0.8, 1e-5);
}

}  // namespace
}  // namespace tandem::training

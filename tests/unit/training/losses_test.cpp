// Losses that the paper's code has not, against PyTorch's own building blocks.
#include "training/losses.h"

#include <gtest/gtest.h>

namespace tandem::training {
namespace {

at::Tensor logits() {
  torch::manual_seed(3);
  return torch::randn({4, 4});
}
const at::Tensor kLabels = torch::tensor({1, 2, 3, 4}, at::kLong);
const at::Tensor kSecondTwice = torch::tensor({1, 2, 3, 2}, at::kLong);

TEST(LossesTest, InfoNceIsCrossEntropyBothWays) {
  const at::Tensor diagonal = at::arange(4);
  const at::Tensor expected =
      (at::cross_entropy_loss(logits(), diagonal) + at::cross_entropy_loss(logits().t(), diagonal)) / 2;
  EXPECT_NEAR(info_nce(logits(), kLabels).item<double>(), expected.item<double>(), 1e-6);
}

TEST(LossesTest, ASecondCaptionOfAPictureIsNoNegative) {
  at::Tensor easy = logits();
  easy[1][3] = easy[3][1] = 50;  // two captions of one picture: as near as can be
  EXPECT_LT(info_nce(easy, kSecondTwice).item<double>(), 5);
  EXPECT_GT(info_nce(easy, kLabels).item<double>(), 20);
  EXPECT_LT(sigmoid_pairwise(easy, kSecondTwice).item<double>(), 10);
  EXPECT_GT(sigmoid_pairwise(easy, kLabels).item<double>(), 20);
}

TEST(LossesTest, SigmoidIsTheSumOverPairs) {
  const at::Tensor targets = at::eye(4);
  const at::Tensor expected = at::binary_cross_entropy_with_logits(logits(), targets).mul(16).div(4);
  EXPECT_NEAR(sigmoid_pairwise(logits(), kLabels).item<double>(), expected.item<double>(), 1e-5);
}

TEST(LossesTest, TheRightOneAmongItsCandidatesIsAClassOfItsOwn) {
  const at::Tensor first = torch::zeros({4}, at::kLong);
  const double expected = at::cross_entropy_loss(logits(), first).item<double>();
  EXPECT_NEAR(match_listwise(logits()).item<double>(), expected, 1e-6);
  // What all candidates of a list have in common orders nothing.
  EXPECT_NEAR(match_listwise(logits() + torch::tensor({{1.0F}, {2.0F}, {3.0F}, {4.0F}})).item<double>(),
              expected, 1e-5);
}

TEST(LossesTest, DistillationIsNothingWhereStudentAndTeacherAgree) {
  for (const auto kind : {DistillationLoss::kKl, DistillationLoss::kMarginMse}) {
    // A constant between them changes neither order nor margins.
    EXPECT_NEAR(distillation(kind, logits() + 3, logits()).item<double>(), 0, 1e-6);
    EXPECT_GT(distillation(kind, -logits(), logits()).item<double>(), 0.1);
  }
  const at::Tensor teacher = at::softmax(logits(), 1), student = at::log_softmax(-logits(), 1);
  const double expected = at::kl_div(student, teacher, at::Reduction::Sum).item<double>() / 4;
  EXPECT_NEAR(distillation(DistillationLoss::kKl, -logits(), logits()).item<double>(), expected, 1e-6);
}

TEST(LossesTest, TheNearestOfSeveralEmbeddingsCounts) {
  const at::Tensor caption = torch::tensor({{1.0F, 0.0F}});
  const at::Tensor pictures = torch::tensor({{{0.0F, 2.0F}, {3.0F, 0.0F}}, {{0.0F, 1.0F}, {-1.0F, 0.0F}}});
  const at::Tensor found = cosines(caption, pictures);
  EXPECT_FLOAT_EQ(found[0][0].item<float>(), 1);
  EXPECT_FLOAT_EQ(found[0][1].item<float>(), 0);
}

}  // namespace
}  // namespace tandem::training

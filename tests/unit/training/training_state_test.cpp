#include "training/training_state.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace tandem::training {
namespace {

AdamW optimiser() {
  const auto weight = [](double value) { return torch::full({2, 3}, value).requires_grad_(true); };
  return AdamW({{.name = "trained", .value = weight(1)}, {.name = "idle", .value = weight(2)}}, {});
}

class TrainingStateTest : public ::testing::Test {
 protected:
  TrainingStateTest() {
    optimiser_.parameters()[0].value.square().sum().backward();
    optimiser_.step(0.1);
    save_state(file_, state_, optimiser_, "options", FileSystem::system());
  }

  TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "checkpoint.safetensors";
  AdamW optimiser_ = optimiser();
  const TrainingState state_{.round = 7,
                             .evaluated_round = 6,
                             .best_round = 3,
                             .best_score = 0.1,
                             .start_score = 0.05,
                             .worse = 2,
                             .mined = {{{{1, 0.5F}, {2, 0.25F}}, {}}, {{}, {}, {{0, 0.75F}}}}};
};

TEST_F(TrainingStateTest, ComesBackBitByBit) {
  AdamW other = optimiser();
  const auto loaded = load_state(file_, other, "options", FileSystem::system());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->round, 7u);
  EXPECT_EQ(loaded->evaluated_round, 6u);
  EXPECT_EQ(loaded->best_round, 3u);
  EXPECT_EQ(loaded->best_score, 0.1);
  EXPECT_EQ(loaded->start_score, 0.05);
  EXPECT_EQ(loaded->worse, 2u);
  ASSERT_EQ(loaded->mined.images_of_caption.size(), 2u);
  EXPECT_EQ(loaded->mined.images_of_caption[0][1].item, 2);
  EXPECT_EQ(loaded->mined.captions_of_image[2][0].cosine, 0.75F);
  EXPECT_TRUE(other.parameters()[0].value.equal(optimiser_.parameters()[0].value));
  EXPECT_TRUE(other.parameters()[0].mean.equal(optimiser_.parameters()[0].mean));
  EXPECT_TRUE(other.parameters()[0].square.equal(optimiser_.parameters()[0].square));
  EXPECT_EQ(other.parameters()[0].steps, 1);
  EXPECT_FALSE(other.parameters()[1].mean.defined()) << "it had no gradient yet";
}

TEST_F(TrainingStateTest, IsNothingWhereThereIsNoFile) {
  AdamW other = optimiser();
  EXPECT_FALSE(load_state(folder_.path() / "other", other, "options", FileSystem::system()));
}

TEST_F(TrainingStateTest, BelongsToItsOptions) {
  AdamW other = optimiser();
  expect_error(ErrorCode::kInvalidArgument, "with other options or data was begun here",
               [&] { load_state(file_, other, "other options", FileSystem::system()); });
}

TEST_F(TrainingStateTest, ThatIsCutOffIsRefused) {
  AdamW other = optimiser();
  const auto size = std::filesystem::file_size(file_);
  for (const auto cut : {size - 1, size / 2, std::uintmax_t{4}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(file_, cut);
    expect_error(ErrorCode::kBadFormat, {file_.c_str(), "remove the file to begin anew"},
                 [&] { load_state(file_, other, "options", FileSystem::system()); });
  }
}

TEST_F(TrainingStateTest, OfAnotherModelIsRefused) {
  AdamW wider({{.name = "trained", .value = torch::zeros({4, 3}).requires_grad_(true)}}, {});
  expect_error(ErrorCode::kBadFormat, {"\"weights.trained\" is [2, 3], not [4, 3]", "remove the file"},
               [&] { load_state(file_, wider, "options", FileSystem::system()); });
  AdamW named({{.name = "another", .value = torch::zeros({2, 3}).requires_grad_(true)}}, {});
  expect_error(ErrorCode::kBadFormat, "has no \"weights.another\"",
               [&] { load_state(file_, named, "options", FileSystem::system()); });
}

}  // namespace
}  // namespace tandem::training

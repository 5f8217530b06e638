// Centres of the training pictures, with the small model of the family `tandem` whose forward pass is
// PyTorch's (tests/golden/make/tandem_tags.py). It keeps as many centres as its dataset has pictures, so that
// each of these is one.
#include "training/hubness.h"

#include <cmath>

#include "golden/training/tandem_set.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "training/sources.h"

namespace tandem::training {
namespace {

namespace fs = std::filesystem;

TrainingOptions hubness_options() {
  TrainingOptions options;
  options.task = TrainingTask::kCe;
  options.match_loss = MatchLoss::kFactors;
  options.rounds = 2;
  options.batch_size = 3;
  options.dev_rerank = 2;
  options.freeze_tower = true;
  return options;
}

class HubnessTraining : public ::testing::Test {
 protected:
  at::Tensor parameter(const TrainedModel& model, const std::string& name) const {
    return model.network().named_parameters()["match_hubness." + name];
  }
  void set(TrainedModel& model, const Dataset& data) const {
    const auto pictures =
        read_pictures(data, MayFlip(data.images.size()), model, hubness_options(), FileSystem::system());
    TrainingObserver observer;
    set_hubness(model, *pictures, TrainingSet(data, {}, model.tokenizer(), *pictures), {observer, {}});
  }

  const Dataset data_ = tandem_dataset();
};

TEST_F(HubnessTraining, CentresAreThePicturesAsTheyAreEmbeddedNow) {
  TrainedModel model(kTandemFolder / "model", hubness_options(), FileSystem::system());
  const at::Tensor before = parameter(model, "centres").clone();
  set(model, data_);
  const at::Tensor centres = parameter(model, "centres");
  EXPECT_FALSE(at::equal(before, centres));
  const at::NoGradGuard no_grad;
  for (const auto& image : golden::read_json(kTandemFolder / "expected.json")["images"]) {
    const auto values = image["embedding"].get<std::vector<float>>();
    const at::Tensor distances = (centres - torch::tensor(values)).abs().amax(1);
    EXPECT_LE(distances.min().item<float>(), 1e-4F) << image["file"];
  }
  EXPECT_LE((parameter(model, "log_shares") + std::log(6.0F)).abs().max().item<float>(), 1e-6F);
}

TEST_F(HubnessTraining, CentresBeyondThePicturesCountForNothing) {
  TrainedModel model(kTandemFolder / "model", hubness_options(), FileSystem::system());
  Dataset few = data_;
  few.images.resize(4);
  few.captions.resize(4);
  set(model, few);
  const at::Tensor shares = parameter(model, "log_shares").exp();
  EXPECT_EQ(shares.ne(0).sum().item<std::int64_t>(), 4);
  EXPECT_NEAR(shares.sum().item<float>(), 1, 1e-6F);
  EXPECT_TRUE(parameter(model, "log_shares").to(at::kHalf).isfinite().all().item<bool>());
}

// A model without them gets them, in the end; the match of what is saved knows them.
TEST_F(HubnessTraining, AddsWhatTheModelLacks) {
  TemporaryFolder folder;
  const fs::path plain = folder.path() / "plain";
  copy_tandem_without("match_hubness", "joint.hubness.", plain);
  TrainingOptions chosen = hubness_options();
  chosen.hubness = 2;
  const auto result = Trainer(plain, chosen).run(data_, data_, folder.path() / "out");
  EXPECT_EQ(golden::read_json(result.model / "config.json")["match_hubness"]["centres"], 2);
  const golden::GoldenTensors weights(result.model / "model.safetensors");
  EXPECT_NEAR(weights["joint.hubness.log_shares"].exp().sum().item<float>(), 1, 1e-5F);
  EXPECT_EQ(weights["joint.hubness.centres"].size(0), 2);
  EXPECT_TRUE(Model::load(result.model)->info().capabilities.match);
}

TEST_F(HubnessTraining, SaysWhatItCannotDo) {
  FileSystem& files = FileSystem::system();
  TrainingOptions chosen = hubness_options();
  chosen.hubness = 5;
  expect_error(ErrorCode::kInvalidArgument, "hubness: the model has 6 centres",
               [&] { TrainedModel(kTandemFolder / "model", chosen, files); });
  chosen.match_loss = MatchLoss::kBinary;
  expect_error(ErrorCode::kUnsupported, "hubness",
               [&] { TrainedModel(golden::training_data() / "joint_oscar" / "model", chosen, files); });
}

}  // namespace
}  // namespace tandem::training

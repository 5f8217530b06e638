// Training that part of the match which a text and a picture bring apart, with the small model of the family
// `tandem` whose forward pass is PyTorch's (tests/golden/make/tandem_tags.py).
#include <cmath>
#include <nlohmann/json.hpp>

#include "golden/training/golden_tensors.h"
#include "golden/training/tandem_set.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "training/sources.h"
#include "training/steps.h"

namespace tandem::training {
namespace {

namespace fs = std::filesystem;

TrainingOptions factor_options(std::size_t chunk = 0) {
  TrainingOptions options;
  options.task = TrainingTask::kCe;
  options.match_loss = MatchLoss::kFactors;
  options.batch_size = 6;
  options.chunk = chunk;
  options.dropout = 0;
  options.freeze_tower = true;
  options.freeze = kTandemStem;
  return options;
}

class FactorTraining : public ::testing::Test {
 protected:
  struct Computed {
    double loss = 0;
    std::map<std::string, at::Tensor> gradients;
  };

  Computed compute(const TrainingOptions& options) {
    TrainedModel model(kTandemFolder / "model", options, FileSystem::system());
    const auto pictures =
        read_pictures(data_, MayFlip(data_.images.size()), model, options, FileSystem::system());
    const TrainingSet set(data_, {}, model.tokenizer(), *pictures);
    const auto processes = Processes::alone();
    Steps steps({model, *pictures, model, *pictures, set.captions(), set, options, *processes});
    Computed computed;
    computed.loss = steps.factors(0);
    for (const TrainedParameter& parameter : model.trained_parameters()) {
      if (parameter.value.grad().defined()) computed.gradients[parameter.name] = parameter.value.grad();
    }
    // The same from the logits: what else is in them is the same with and without the factors' scale.
    const at::NoGradGuard no_grad;
    std::vector<View> views;
    std::vector<Pair> pairs;
    for (std::size_t image = 0; image < data_.images.size(); ++image) {
      views.push_back({.image = image});
      for (std::size_t caption = 0; caption < data_.captions.size(); ++caption)
        pairs.push_back({caption, image});
    }
    const auto tokens =
        model.encode_images(pictures->read(views), {.embedding = false, .tokens = true}).tokens;
    const at::Tensor with = model.match(set.captions(), tokens, pairs);
    model.factor_scale().zero_();
    const at::Tensor part = (with - model.match(set.captions(), tokens, pairs)).view({6, 6});
    const at::Tensor right = at::arange(6);
    expected_ =
        (at::cross_entropy_loss(part, right) + at::cross_entropy_loss(part.t(), right)).item<double>() / 2;
    return computed;
  }

  const Dataset data_ = tandem_dataset();
  double expected_ = 0;
};

TEST_F(FactorTraining, IsTheCrossEntropyOfAllPairsOfTheBatch) {
  const Computed whole = compute(factor_options());
  EXPECT_NEAR(whole.loss, expected_, 1e-5);
  for (const char* name : {"match_factors.scale", "match_factors.reduce.weight", "image_grid.weight"}) {
    ASSERT_TRUE(whole.gradients.contains(name)) << name;
    EXPECT_GT(whole.gradients.at(name).abs().sum().item<double>(), 0) << name;
  }
  EXPECT_FALSE(whole.gradients.contains("match_hidden.weight")) << "of the other part of the match";
}

TEST_F(FactorTraining, HasTheGradientsOfTheWholeBatchPieceByPiece) {
  const Computed whole = compute(factor_options()), pieces = compute(factor_options(4));
  EXPECT_NEAR(whole.loss, pieces.loss, 1e-6);
  ASSERT_EQ(whole.gradients.size(), pieces.gradients.size());
  for (const auto& [name, gradient] : whole.gradients) {
    EXPECT_LE((gradient - pieces.gradients.at(name)).abs().max().item<double>(), 1e-5) << name;
  }
}

// A model without the factors gets them; texts that are kept give the same losses.
TEST_F(FactorTraining, AddsWhatTheModelLacksAndKeepsTexts) {
  TemporaryFolder folder;
  const fs::path plain = folder.path() / "plain";
  copy_tandem_without("match_factors", "joint.factors.", plain);
  std::vector<double> losses;
  for (const bool keep : {false, true}) {
    TrainingOptions chosen = factor_options();
    chosen.rounds = 3;
    chosen.batch_size = 3;
    chosen.learning_rate = 1e-2;
    chosen.dev_rerank = 2;
    chosen.keep_texts = keep;
    const auto out = folder.path() / (keep ? "kept" : "computed");
    struct Watching final : TrainingObserver {
      void on_round(const TrainingRound& round) override { losses.push_back(round.losses.at("ce")); }
      void on_note(const std::string& note) override { notes += note; }
      std::string notes;
      std::vector<double> losses;
    } watching;
    const auto result = Trainer(plain, chosen).run(data_, data_, out, &watching);
    EXPECT_TRUE(result.finished);
    EXPECT_NE(watching.notes.find("match_factors.image_out.weight"), std::string::npos);
    ASSERT_EQ(watching.losses.size(), 3u);
    for (std::size_t i = 0; keep && i < losses.size(); ++i) EXPECT_NEAR(watching.losses[i], losses[i], 1e-4);
    losses = watching.losses;
    EXPECT_TRUE(golden::read_json(result.model / "config.json").contains("match_factors"));
    EXPECT_TRUE(Model::load(result.model)->info().capabilities.match);
  }
}

TEST_F(FactorTraining, SaysWhatItIsNotFor) {
  const auto oscar = golden::training_data() / "joint_oscar" / "model";
  expect_error(ErrorCode::kUnsupported, "--match-loss factors is for the family tandem",
               [&] { TrainedModel(oscar, factor_options(), FileSystem::system()); });
  TrainingOptions keeping = factor_options();
  keeping.keep_texts = true;
  keeping.freeze.pop_back();
  TemporaryFolder folder;
  expect_error(ErrorCode::kInvalidArgument, "add \"stem.*\" to freeze",
               [&] { Trainer(kTandemFolder / "model", keeping).run(data_, data_, folder.path()); });
}

}  // namespace
}  // namespace tandem::training

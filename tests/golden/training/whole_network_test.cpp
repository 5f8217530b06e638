// Training all of a network, its picture tower among it: what is read of pictures, and how fast each part
// learns.
#include <cmath>

#include "golden/training/tandem_set.h"
#include "support/temporary_folder.h"
#include "training/sources.h"
#include "training/steps.h"

namespace tandem::training {
namespace {

class WholeNetwork : public ::testing::Test {
 protected:
  std::unique_ptr<Pictures> open(const TrainedModel& model, const TrainingOptions& options) const {
    return read_pictures(data_, MayFlip(data_.images.size()), model, options, FileSystem::system());
  }

  const Dataset data_ = tandem_dataset();
};

TEST_F(WholeNetwork, NamesNoObjectsWhereTagsAreDropped) {
  const TrainingOptions options;
  const TrainedModel model(kTandemFolder / "model", options, FileSystem::system());
  const at::NoGradGuard no_grad;
  const auto tokens_of = [&](std::initializer_list<View> views) {
    return model.encode_images(open(model, options)->read(views), {.embedding = false, .tokens = true})
        .tokens;
  };
  const auto mixed = tokens_of({{.image = 0}, {.image = 0, .view = 0, .without_tags = true}, {.image = 1}});
  const std::int64_t grid = 1 + 4;  // with the class token
  const std::int64_t factor = 1;
  EXPECT_GT(mixed[0].size(0), grid + factor);
  EXPECT_EQ(mixed[1].size(0), grid + factor);
  const auto alone = tokens_of({{.image = 1}});
  ASSERT_EQ(mixed[2].sizes(), alone[0].sizes());
  EXPECT_LE((mixed[2] - alone[0]).abs().max().item<float>(), 1e-5F) << "of other pictures nothing changes";
}

TEST_F(WholeNetwork, ReadsAheadWhatItWouldReadLater) {
  TrainingOptions options;
  options.augmentation.crop = true;
  const TrainedModel model(kTandemFolder / "model", options, FileSystem::system());
  const auto pictures = open(model, options);
  const std::vector<View> now = {{.image = 0, .view = 3}, {.image = 2, .view = 1}},
                          next = {{.image = 1, .view = 5}};
  pictures->read_ahead(now);
  pictures->read_ahead(next);
  for (const auto& views : {next, now, next}) {  // the last one is not ahead any more
    EXPECT_TRUE(
        at::equal(pictures->read(views)[0].batch.pixels, open(model, options)->read(views)[0].batch.pixels));
  }
  for (int batch = 0; batch < 10; ++batch) pictures->read_ahead(now);  // nobody comes for them
}

TEST_F(WholeNetwork, LowerLayersAndTheTowerLearnSlower) {
  TrainingOptions options;
  options.layer_decay = 0.5;
  options.tower_rate = 0.1;
  const TrainedModel model(kTandemFolder / "model", options, FileSystem::system());
  std::map<std::string, double> factors;
  int layers = 0;
  for (const TrainedParameter& parameter : model.trained_parameters()) {
    factors[parameter.name] = parameter.rate_factor;
    if (parameter.name.starts_with("vision.layers.") && parameter.name.ends_with(".up.weight")) ++layers;
  }
  ASSERT_GT(layers, 1);
  const auto layer = [](int number) { return "vision.layers." + std::to_string(number) + ".up.weight"; };
  EXPECT_DOUBLE_EQ(factors.at(layer(layers - 1)), 0.1);
  EXPECT_DOUBLE_EQ(factors.at(layer(0)), 0.1 * std::pow(0.5, layers - 1));
  for (const char* input : {"vision.patch_weight", "vision.positions", "vision.class_token"}) {
    EXPECT_DOUBLE_EQ(factors.at(input), 0.1 * std::pow(0.5, layers)) << input;
  }
  EXPECT_DOUBLE_EQ(factors.at("vision_norm.weight"), 0.1);
  EXPECT_DOUBLE_EQ(factors.at("match_hidden.weight"), 1);
}

TEST_F(WholeNetwork, DrawsNegativesOfTheBatchInMixedPrecision) {
  TrainingOptions options;
  options.rounds = 2;
  options.batch_size = 4;
  options.dev_rerank = 2;
  options.drop_tags = 0.5;
  options.bf16 = true;
  options.negatives.in_batch = 1;
  const TemporaryFolder folder;
  const TrainingResult result =
      Trainer(kTandemFolder / "model", options).run(data_, data_, folder.path() / "out");
  EXPECT_TRUE(result.finished);
}

}  // namespace
}  // namespace tandem::training

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "tandem/training.h"

namespace tandem {
namespace {

TEST(TrainingOptionsTest, ComeBackFromJson) {
  TrainingOptions options = paper_recipe(TrainingTask::kEmb);
  options.loss = EmbeddingLoss::kInfoNce;
  options.negatives.mined = 0.25;
  options.freeze = {"words.*", "positions.*"};
  options.seed = 18446744073709551615u;
  options.teacher = "a/model";
  const TrainingOptions read = parse_training_options(to_json(options), "run.json");
  EXPECT_EQ(to_json(read), to_json(options));
  EXPECT_EQ(read.freeze, options.freeze);
  EXPECT_EQ(read.seed, options.seed);
  EXPECT_EQ(read.negatives.mined, 0.25);
}

TEST(TrainingOptionsTest, KeepWhatJsonDoesNotName) {
  TrainingOptions defaults;
  defaults.margin = 0.3;
  const TrainingOptions read =
      parse_training_options(R"({"negatives": {"each": 3}, "learning_rate": 1})", "run.json", defaults);
  EXPECT_EQ(read.negatives.each, 3u);
  EXPECT_EQ(read.learning_rate, 1);
  EXPECT_EQ(read.margin, 0.3);
}

TEST(TrainingOptionsTest, NameTheFieldThatIsWrong) {
  const auto expect = [](const std::string& json, const char* message) {
    expect_error(ErrorCode::kBadFormat, message, [&] { parse_training_options(json, "run.json"); });
  };
  expect("[]", "run.json: is not a JSON object");
  expect(R"({"rounds": 1,)", "run.json: not valid JSON at byte 14");
  expect(R"({"rounds": 1, "rounds": 2})", "run.json: found \"rounds\" twice");
  expect(R"({"learning_rte": 1})", "run.json: there is no option \"learning_rte\"");
  expect(R"({"rounds": -1})", "run.json: rounds: found -1; a whole number from 0 on is wanted");
  expect(R"({"bf16": 1})", "run.json: bf16: found 1; true or false is wanted");
  expect(R"({"loss": "l2"})",
         "run.json: loss: found \"l2\"; \"l2\" is none of triplet, infonce, ntxent, sigmoid");
  expect(R"({"freeze": "words"})", "run.json: freeze: found \"words\", which is of another type");
}

TEST(TrainingOptionsTest, RefuseWhatCannotBe) {
  const auto expect = [](auto change, const char* message) {
    TrainingOptions options;
    change(options);
    expect_error(ErrorCode::kInvalidArgument, message, [&] { options.validate(); });
  };
  expect([](auto& o) { o.batch_size = 1; },
         "training: batch_size must be at least 2: the others of a batch are the wrong answers");
  expect([](auto& o) { o.warmup = o.rounds; }, "training: warmup must be fewer than rounds");
  expect([](auto& o) { o.dropout = 1; }, "training: dropout must be within [0, 1)");
  expect([](auto& o) { o.negatives = {.each = 1, .in_batch = 0.6, .mined = 0.6}; },
         "training: negatives.in_batch and negatives.mined must be shares that add up to 1 at most");
  expect([](auto& o) { o.freeze_tower = o.augmentation.crop = true; },
         "training: augmentation.views must be at least 2 where the tower is frozen: the first look of a "
         "picture is as it is");
  expect([](auto& o) { o.teacher = "a/model"; },
         "training: distill_steps must be at least 1, or a teacher teaches nothing");
  expect([](auto& o) { o.ce_steps = 0; }, "training: ce_steps must be at least 1 for this task");
}

TEST(TrainingOptionsTest, AreAllDescribed) {
  const auto infos = training_option_infos();
  EXPECT_GT(infos.size(), 40u);
  for (const TrainingOptionInfo& info : infos) {
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_FALSE(info.value.empty()) << info.name;
  }
}

TEST(TrainingOptionsTest, OfThePaperAreAsPublished) {
  EXPECT_EQ(paper_recipe(TrainingTask::kEmb).learning_rate, 2e-5);
  EXPECT_EQ(paper_recipe(TrainingTask::kCe).rounds, 100'000u);
  const TrainingOptions joint = paper_recipe(TrainingTask::kJoint);
  EXPECT_EQ(joint.learning_rate, 5e-5);
  EXPECT_EQ(joint.batch_size, 128u);
  EXPECT_EQ(joint.margin, 0.1);
  EXPECT_EQ(joint.weight_decay, 0.05);
  EXPECT_EQ(joint.seed, 123456789u);
}

}  // namespace
}  // namespace tandem

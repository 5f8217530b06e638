#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tandem/encoders.h"
#include "unit/training/tiny.h"

namespace tandem::training {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Watching final : public TrainingObserver {
 public:
  void on_round(const TrainingRound& round) override {
    rounds.push_back(round);
    if (round.round == stop_behind) stop.request_stop();
  }
  void on_evaluation(const TrainingEvaluation& evaluation) override { evaluations.push_back(evaluation); }
  void on_note(const std::string& note) override { notes += note + '\n'; }

  std::size_t stop_behind = 0;
  std::stop_source stop;
  std::vector<TrainingRound> rounds;
  std::vector<TrainingEvaluation> evaluations;
  std::string notes;
};

// Eight photos with a caption each.
Dataset photos() {
  const auto folder = std::filesystem::path(TANDEM_TEST_DATA) / "images";
  Dataset data;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".png" && data.images.size() < 8) {
      data.images.push_back({entry.path().stem(), entry.path(), "train"});
    }
  }
  std::ranges::sort(data.images, {}, &DatasetImage::file);
  for (std::size_t i = 0; i < data.images.size(); ++i) {
    data.captions.push_back({"", i, Text("picture " + std::to_string(i), "en"), ""});
  }
  return data;
}

class TrainerTest : public ::testing::Test {
 protected:
  TrainingResult train(const std::string& out, const TrainingOptions& options, Watching& watching,
                       const std::filesystem::path& model = kTinyFolder / "model") {
    return Trainer(model, options)
        .run(data_, data_, folder_.path() / out, &watching, watching.stop.get_token());
  }
  // The same as files of this test's own.
  Dataset copied_photos() const {
    Dataset data = photos();
    for (DatasetImage& image : data.images) {
      const std::filesystem::path copy = folder_.path() / image.file.filename();
      std::filesystem::copy_file(image.file, copy);
      image.file = copy;
    }
    return data;
  }
  std::string weights(const std::string& out) {
    return bytes_of(folder_.path() / out / "model" / "model.safetensors");
  }

  const Dataset data_ = tiny_dataset();
  TemporaryFolder folder_;
};

TEST_F(TrainerTest, LearnsTheTrainingSetByHeart) {
  TrainingOptions options = tiny_options();
  options.rounds = 60;
  options.evaluate_every = 20;
  options.dropout = 0;
  Watching watching;
  const TrainingResult result = train("out", options, watching);
  EXPECT_TRUE(result.finished);
  EXPECT_FALSE(result.stopped_early);
  EXPECT_EQ(result.rounds, 60u);
  ASSERT_EQ(watching.rounds.size(), 60u);
  EXPECT_LT(watching.rounds.back().losses["emb"], watching.rounds.front().losses["emb"]);
  ASSERT_EQ(watching.evaluations.size(), 4u);
  EXPECT_EQ(watching.evaluations.front().round, 0u);
  EXPECT_FALSE(watching.evaluations.front().best) << "the model that it began with is none of its own";
  EXPECT_EQ(result.start_score, watching.evaluations.front().score);
  EXPECT_GT(result.best_score, *result.start_score);
  EXPECT_GT(watching.evaluations.back().metrics["emb_mean_recall"], 0.6);
  const auto model = Model::load(result.model);
  EXPECT_TRUE(model->info().capabilities.match && model->info().capabilities.embed_text);
}

// Each kind of step, with dropout, stopped behind each round.
TEST_F(TrainerTest, GoesOnAsIfItHadNeverStopped) {
  TrainingOptions options = tiny_options();
  options.mined_steps = options.distill_steps = 1;
  options.mined_batch_size = 2;
  options.mined_negatives = options.distill_candidates = 2;
  options.negatives = {.each = 2, .in_batch = 0.3, .mined = 0.3, .ramp = 4, .mine_from = 3, .mine_every = 2};
  options.loss = EmbeddingLoss::kInfoNce;
  Watching whole;
  train("whole", options, whole);
  for (std::size_t round = 1; round < options.rounds; ++round) {
    const std::string out = "stopped" + std::to_string(round);
    Watching first, second;
    first.stop_behind = round;
    EXPECT_FALSE(train(out, options, first).finished);
    const TrainingResult result = train(out, options, second);
    EXPECT_TRUE(result.finished);
    EXPECT_EQ(second.rounds.size(), options.rounds - round);
    EXPECT_EQ(weights(out), weights("whole")) << "stopped behind round " << round;
    EXPECT_EQ(bytes_of(folder_.path() / out / "checkpoint.safetensors"),
              bytes_of(folder_.path() / "whole" / "checkpoint.safetensors"));
    for (std::size_t i = 0; i < second.rounds.size(); ++i) {
      EXPECT_EQ(second.rounds[i].losses, whole.rounds[round + i].losses);
    }
  }
}

// Keeps the checkpoint as it was when an evaluation began.
class KeepingCheckpoint final : public TrainingObserver {
 public:
  explicit KeepingCheckpoint(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void on_progress(const std::string& what, std::size_t, std::size_t) override {
    if (what != "evaluating" || !std::filesystem::exists(folder_ / "checkpoint.safetensors")) return;
    std::filesystem::copy_file(folder_ / "checkpoint.safetensors", folder_ / "kept",
                               std::filesystem::copy_options::overwrite_existing);
  }

 private:
  std::filesystem::path folder_;
};

// A kill between the last record and the checkpoint that knows of it.
TEST_F(TrainerTest, ToldOfAnEvaluationOnceThoughItIsMadeTwice) {
  TrainingOptions options = tiny_options();
  options.checkpoint_every = 1;
  const std::filesystem::path out = folder_.path() / "out";
  KeepingCheckpoint keeping(out);
  const auto run = [&] {
    Trainer(kTinyFolder / "model", options).run(data_, data_, out, &keeping);
    return bytes_of(out / "metrics.jsonl");
  };
  const std::string once = run();
  std::filesystem::rename(out / "kept", out / "checkpoint.safetensors");
  EXPECT_EQ(run(), once);
}

TEST_F(TrainerTest, HasNothingToDoWhereItIsDone) {
  Watching first, second;
  train("out", tiny_options(), first);
  EXPECT_TRUE(train("out", tiny_options(), second).finished);
  EXPECT_TRUE(second.rounds.empty());
}

TEST_F(TrainerTest, RefusesToGoOnWithOtherOptionsOrData) {
  Watching watching;
  TrainingOptions options = tiny_options();
  train("out", options, watching);
  options.margin = 0.2;
  expect_error(ErrorCode::kInvalidArgument, "with other options or data was begun here",
               [&] { train("out", options, watching); });
}

TEST_F(TrainerTest, RefusesToGoOnWithAPictureThatWasReplaced) {
  const Dataset data = copied_photos();
  const auto clip = std::filesystem::path(TANDEM_TEST_DATA) / "clip-gelu" / "model";
  TrainingOptions options = tiny_options();
  options.task = TrainingTask::kEmb;
  options.batch_size = 3;
  const auto run = [&] { Trainer(clip, options).run(data, data, folder_.path() / "out"); };
  run();
  std::filesystem::copy_file(data.images[1].file, data.images[0].file,
                             std::filesystem::copy_options::overwrite_existing);
  expect_error(ErrorCode::kInvalidArgument, "with other options or data was begun here", run);
}

// A folder of pictures, for example, that was named by mistake.
TEST_F(TrainerTest, RefusesAFolderOfOtherFiles) {
  const std::filesystem::path out = folder_.path() / "out";
  std::filesystem::create_directory(out);
  std::ofstream(out / "lock");  // of a training that could not begin
  Watching watching;
  train("out", tiny_options(), watching);
  std::filesystem::remove_all(out);
  std::filesystem::create_directory(out);
  std::ofstream(out / "photo.jpg") << "bytes";
  std::ofstream(out / "lock");  // of a gallery
  expect_error(ErrorCode::kInvalidArgument, {"photo.jpg", "name a new folder"},
               [&] { train("out", tiny_options(), watching); });
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out), {}), 2) << "nothing was put there";
}

TEST_F(TrainerTest, TellsHowMuchDataThereIs) {
  TrainingOptions options = tiny_options();
  options.batch_size = 100;
  options.dev_pictures = 3;
  Watching watching;
  train("out", options, watching);
  EXPECT_NE(watching.notes.find(fmt::format("{} pictures with {} captions to train on, 3 with ",
                                            data_.images.size(), data_.captions.size())),
            std::string::npos)
      << watching.notes;
  EXPECT_NE(watching.notes.find("instead of 100"), std::string::npos) << watching.notes;
}

TEST_F(TrainerTest, StopsWhereALossIsNotFinite) {
  TrainingOptions options = tiny_options();
  options.learning_rate = 1e30;
  options.schedule = RateSchedule::kConstant;
  Watching watching;
  expect_error(ErrorCode::kBackend, {"is not finite in round", "with the captions", "lower learning rate"},
               [&] { train("out", options, watching); });
}

TEST_F(TrainerTest, StopsWhenItsPatienceRunsOut) {
  TrainingOptions options = tiny_options();
  options.rounds = 50;
  options.evaluate_every = 1;
  options.patience = 3;
  options.learning_rate = 1e-12;  // nothing changes
  Watching watching;
  const TrainingResult result = train("out", options, watching);
  EXPECT_TRUE(result.finished && result.stopped_early);
  EXPECT_EQ(result.rounds, 4u);
  EXPECT_EQ(result.best_round, 1u);
}

TEST_F(TrainerTest, MakesHeadsThatTheCheckpointLacks) {
  const auto model = std::filesystem::path(TANDEM_TEST_DATA) / "paper" / "oscar_emb" / "model";
  ASSERT_FALSE(Model::load(model)->info().capabilities.match);
  Watching watching;
  const TrainingResult result = train("out", tiny_options(), watching, model);
  EXPECT_NE(watching.notes.find("begun anew: "), std::string::npos) << watching.notes;
  EXPECT_NE(watching.notes.find("match_out.weight"), std::string::npos) << watching.notes;
  EXPECT_TRUE(Model::load(result.model)->info().capabilities.match);
}

TEST_F(TrainerTest, LeavesWhatIsFrozen) {
  TrainingOptions options = tiny_options();
  options.freeze = {"words.*"};
  Watching watching;
  train("out", options, watching);
  const auto before = Model::load(kTinyFolder / "model"),
             after = Model::load(folder_.path() / "out" / "model");
  EXPECT_NE(before->info().weights_fingerprint, after->info().weights_fingerprint);
  options.freeze = {"*"};
  expect_error(ErrorCode::kInvalidArgument, "everything is frozen", [&] { train("all", options, watching); });
  options.freeze = {"wordz.*"};
  expect_error(ErrorCode::kInvalidArgument, "no parameter is called \"wordz.*\"",
               [&] { train("none", options, watching); });
}

TEST_F(TrainerTest, AFrozenTowerIsComputedOnceAsItIs) {
  const auto clip = std::filesystem::path(TANDEM_TEST_DATA) / "clip-gelu" / "model";
  const Dataset data = photos();
  ASSERT_GE(data.images.size(), 2u);
  TrainingOptions options = tiny_options();
  options.task = TrainingTask::kEmb;
  options.loss = EmbeddingLoss::kInfoNce;
  options.freeze_tower = true;
  std::vector<std::string> rows;
  for (const double dropout : {0.0, 0.5}) {
    options.dropout = dropout;
    const auto out = folder_.path() / std::to_string(dropout);
    Trainer(clip, options).run(data, data, out);
    for (const auto& entry : std::filesystem::directory_iterator(out)) {
      if (entry.path().extension() == ".rows") rows.push_back(bytes_of(entry.path()));
    }
    // Weights of the tower stay, others learn.
    const BiEncoder before(Model::load(clip)), after(Model::load(out / "model"));
    const Text text("picture 1", "en");
    EXPECT_NE(before.embed_texts({&text, 1}).row(0)[0], after.embed_texts({&text, 1}).row(0)[0]);
  }
  ASSERT_EQ(rows.size(), 2u) << "one file serves both sets, which are the same";
  EXPECT_EQ(rows[0], rows[1]) << "nothing is dropped in it";
}

TEST_F(TrainerTest, AugmentsPhotosTheSameWayEachTime) {
  const auto clip = std::filesystem::path(TANDEM_TEST_DATA) / "clip-gelu" / "model";
  const Dataset data = photos();
  TrainingOptions options = tiny_options();
  options.task = TrainingTask::kEmb;
  options.rounds = 3;
  options.batch_size = 3;
  const auto trained = [&](const std::string& out) {
    Trainer(clip, options).run(data, data, folder_.path() / out);
    return weights(out);
  };
  for (const bool frozen : {false, true}) {
    const std::string name = frozen ? "frozen" : "whole";
    options.freeze_tower = frozen;
    options.augmentation = {};
    const std::string plain = trained(name + "plain");
    options.augmentation = {.crop = true, .colour = 0.3, .flip = true, .views = 3};
    const std::string once = trained(name + "once"), again = trained(name + "again");
    EXPECT_EQ(once, again);
    EXPECT_NE(once, plain);
  }
}

TEST_F(TrainerTest, LearnsInMixedPrecision) {
  TrainingOptions options = tiny_options();
  options.rounds = 30;
  options.dropout = 0;
  options.bf16 = true;
  Watching watching;
  train("out", options, watching);
  EXPECT_LT(watching.rounds.back().losses["emb"], watching.rounds.front().losses["emb"]);
  EXPECT_GT(watching.evaluations.back().metrics["emb_mean_recall"], 0.5);
}

TEST_F(TrainerTest, TakesATeacherAndOtherLosses) {
  TrainingOptions options = tiny_options();
  options.task = TrainingTask::kEmb;
  options.distill_steps = 1;
  options.distill_candidates = 3;
  options.teacher = kTinyFolder / "model";
  options.warmup = 2;
  options.layer_decay = 0.5;
  for (const auto loss : {EmbeddingLoss::kNtXent, EmbeddingLoss::kSigmoid}) {
    for (const auto distillation : {DistillationLoss::kKl, DistillationLoss::kMarginMse}) {
      options.loss = loss;
      options.distillation = distillation;
      Watching watching;
      train(std::string(to_string(loss)) + to_string(distillation), options, watching);
      ASSERT_EQ(watching.rounds.size(), options.rounds);
      EXPECT_GT(watching.rounds.back().losses["distill"], 0);
    }
  }
  options.teacher = std::filesystem::path(TANDEM_TEST_DATA) / "paper" / "oscar_emb" / "model";
  Watching watching;
  expect_error(ErrorCode::kUnsupported, "has no match to teach", [&] { train("none", options, watching); });
}

TEST_F(TrainerTest, SaysWhatAFamilyCannotDo) {
  const auto clip = std::filesystem::path(TANDEM_TEST_DATA) / "clip-gelu" / "model";
  Watching watching;
  expect_error(ErrorCode::kUnsupported, {"family clip cannot match", "--task joint"},
               [&] { train("clip", tiny_options(), watching, clip); });
  TrainingOptions options = tiny_options();
  options.freeze_tower = true;
  expect_error(ErrorCode::kUnsupported, "family oscar has no tower",
               [&] { train("tower", options, watching); });
}

TEST_F(TrainerTest, WantsTwoPicturesWithCaptions) {
  Dataset one = data_;
  std::erase_if(one.captions, [](const DatasetCaption& caption) { return caption.image > 0; });
  const auto run = [&](const Dataset& train, const Dataset& dev) {
    Trainer(kTinyFolder / "model", tiny_options()).run(train, dev, folder_.path() / "out");
  };
  expect_error(ErrorCode::kInvalidArgument, "1 pictures to train on have a caption in the languages",
               [&] { run(one, data_); });
  expect_error(ErrorCode::kInvalidArgument, "1 pictures of the development set have a caption",
               [&] { run(data_, one); });
}

TEST_F(TrainerTest, WantsCaptionsInTheLanguages) {
  TrainingOptions options = tiny_options();
  options.languages = {"cs"};
  Watching watching;
  expect_error(ErrorCode::kInvalidArgument, {"no caption is in the language \"cs\"", "there are: en"},
               [&] { train("out", options, watching); });
}

}  // namespace
}  // namespace tandem::training

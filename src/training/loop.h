// The rounds of a training, with evaluations and checkpoints between them.
//
// For one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "training/dev_score.h"
#include "training/records.h"
#include "training/steps.h"
#include "training/training_state.h"

namespace tandem::training {

struct LoopContext {
  TrainedModel& model;
  Steps& steps;
  const DevScore& dev_score;
  const Pictures& pictures;
  const TrainingSet& set;
  const TrainingOptions& options;
  Processes& processes;
  std::filesystem::path folder;
  std::string identity;  // of options, model and data: what a checkpoint belongs to
  FileSystem& files;
  TrainingObserver& observer;
  std::stop_token stop;

  Watch watch() const { return {observer, stop}; }
};

class Loop {
 public:
  // Goes on from the checkpoint in the folder, where there is one. Throws what load_state() throws.
  explicit Loop(const LoopContext& context);

  // Until the rounds are done, the patience is at its end, or a stop is wanted.
  TrainingResult run();

 private:
  bool evaluation_is_due() const;
  bool has_patience_run_out() const;
  bool wants_mined() const;
  // False where they were stopped.
  bool mine();
  bool evaluate();
  // Of the model that the training begins with, which tells whether it becomes better.
  bool score_start();
  std::optional<TrainingEvaluation> score();
  void train_round();
  template <typename Step>
  void do_steps(const char* task, std::size_t count, TrainingRound& round, Step step);
  double update(const char* task, double loss, double rate);
  void report(TrainingRound& round, double seconds);
  void save();
  bool is_first() const { return context_.processes.rank() == 0; }
  std::filesystem::path state_file() const { return context_.folder / "checkpoint.safetensors"; }

  LoopContext context_;
  const TrainingOptions& options_;
  AdamW optimiser_;
  TrainingState state_;
  std::optional<Records> records_;  // of the first process
  std::size_t saved_round_ = 0;
  std::size_t pairs_ = 0;   // of the round
  double own_seconds_ = 0;  // of this run's rounds
  std::size_t own_rounds_ = 0;
};

}  // namespace tandem::training

// What `tandem train` prints: how far it is, evaluations, the result.
//
// For one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/command.h"
#include "cli/progress.h"
#include "tandem/training.h"

namespace tandem::cli {

class TrainingDisplay final : public TrainingObserver {
 public:
  // Both must outlive it.
  TrainingDisplay(const Context& context, const TrainingOptions& options)
      : context_(context), options_(options), display_(progress_style(context.common.quiet)) {}

  void on_round(const TrainingRound& round) override;
  void on_evaluation(const TrainingEvaluation& evaluation) override;
  void on_progress(const std::string& what, std::size_t done, std::size_t total) override;
  void on_note(const std::string& note) override;
  void clear() { display_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Stage {
    std::string what;
    std::size_t first = 0;  // done when it was told of at first: of an earlier run, perhaps
    Clock::time_point begun;
  };

  // ", 1:23 left" of the stage.
  std::string left(std::size_t done, std::size_t total) const;

  const Context& context_;
  const TrainingOptions& options_;
  ProgressDisplay display_;
  Stage stage_;
};

void print_result(const TrainingResult& result, const Context& context);
// What is easily overlooked at the end. `calibrate`: the command that is next, or nothing.
void advise(const TrainingResult& result, const std::string& calibrate, const Context& context);

}  // namespace tandem::cli

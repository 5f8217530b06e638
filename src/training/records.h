// The curves of a training, for programs and for TensorBoard.
//
// For one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "core/clock.h"
#include "training/event_file.h"
#include "training/metrics_log.h"

namespace tandem::training {

class Records {
 public:
  // metrics.jsonl and an event file in `folder`; what was written of rounds and evaluations that are still to
  // be done is taken back.
  Records(const std::filesystem::path& folder, std::size_t rounds_done, std::size_t evaluated_round,
          FileSystem& files)
      : log_(files, folder / "metrics.jsonl", rounds_done, evaluated_round),
        events_(files, folder, wall_seconds(), static_cast<std::int64_t>(rounds_done)) {}

  // `kind`: "train" or "dev".
  void add(const std::string& kind, std::size_t round, const Metrics& metrics) {
    log_.append(kind, round, metrics);
    for (const auto& [name, value] : metrics) {
      events_.scalar(kind + "/" + name, static_cast<std::int64_t>(round), static_cast<float>(value),
                     wall_seconds());
    }
  }
  // Before a checkpoint is written.
  void sync() { log_.sync(); }

 private:
  static double wall_seconds() { return static_cast<double>(Clock::system().wall_ns()) * 1e-9; }

  MetricsLog log_;
  EventFile events_;
};

}  // namespace tandem::training

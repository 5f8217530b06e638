#include "training/schedule.h"

#include <cmath>
#include <numbers>

namespace tandem::training {

double rate_of(const TrainingOptions& options, std::size_t round) {
  const auto at = static_cast<double>(round), warmup = static_cast<double>(options.warmup);
  if (round < options.warmup) return options.learning_rate * at / warmup;
  const double done = (at - warmup) / (static_cast<double>(options.rounds) - warmup);
  switch (options.schedule) {
    case RateSchedule::kConstant:
      return options.learning_rate;
    case RateSchedule::kLinear:
      return options.learning_rate * (1 - done);
    case RateSchedule::kCosine:
      return options.learning_rate * (1 + std::cos(std::numbers::pi * done)) / 2;
  }
  return options.learning_rate;
}

}  // namespace tandem::training

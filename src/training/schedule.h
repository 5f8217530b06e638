// How the learning rate changes over the rounds.
#pragma once

#include <cstddef>

#include "tandem/training.h"

namespace tandem::training {

// The rate of round `round`, from 0: grows from 0 over options.warmup rounds, then stays, or falls to 0 at
// options.rounds.
double rate_of(const TrainingOptions& options, std::size_t round);

}  // namespace tandem::training

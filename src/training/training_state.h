// All that a training that goes on needs to be as if it had never stopped, in one file that is replaced
// whole: weights, the optimiser's moments, counters, the best score, negatives that were mined. There is no
// state of random numbers: they depend on the number of the step alone.
//
// For one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "core/file_system.h"
#include "training/adamw.h"
#include "training/mined.h"

namespace tandem::training {

struct TrainingState {
  std::size_t round = 0;            // rounds that are done
  std::size_t evaluated_round = 0;  // the last one behind which there was an evaluation
  std::size_t best_round = 0;
  double best_score = -1;                  // before the first evaluation
  std::optional<double> start_score = {};  // of the model that the training began with
  std::size_t worse = 0;                   // evaluations since the best
  MinedNegatives mined;
};

// `options`: the text of them and of what is trained on, which must be the same when it is read.
void save_state(const std::filesystem::path& file, const TrainingState& state, const AdamW& optimiser,
                const std::string& options, FileSystem& files);

// Nothing where there is no such file. Fills in the optimiser's parameters. Throws BadFormat where the file
// is damaged or is of another model; InvalidArgument where its options were others.
std::optional<TrainingState> load_state(const std::filesystem::path& file, AdamW& optimiser,
                                        const std::string& options, const FileSystem& files);

}  // namespace tandem::training

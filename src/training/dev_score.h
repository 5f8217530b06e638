// How good the model is now, on the development set: what the best one is chosen by.
//
// For one thread.
#pragma once

#include <cstddef>

#include "training/embed_all.h"
#include "training/training_set.h"

namespace tandem::training {

class DevScore {
 public:
  // All pictures of the set.
  DevScore(const TrainingSet& set, const Pictures& pictures, const TrainingOptions& options);

  // Metrics by name, recalls in both directions ("emb_t2i_r1"; emb: by cosine over all pictures; coop: the
  // shortlist of 20 reranked, ce: every pair, both of options.dev_rerank pictures) and mean recalls. `score`:
  // the mean recall of the task; of a joint training the mean of emb's and coop's. Throws Cancelled.
  TrainingEvaluation operator()(TrainedModel& model, const Watch& watch) const;

 private:
  void score_embeddings(const TrainedModel& model, TrainingEvaluation& evaluation, const Watch& watch) const;
  void score_matches(const TrainedModel& model, TrainingEvaluation& evaluation, const Watch& watch) const;

  const TrainingSet& set_;
  const Pictures& pictures_;
  const TrainingOptions& options_;
};

}  // namespace tandem::training

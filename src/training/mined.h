// The nearest wrong pictures and captions of a whole training set, by the embeddings of now (ANCE; Xiong et
// al., ICLR 2021).
//
// Immutable values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/file_system.h"
#include "training/embed_all.h"
#include "training/pictures.h"
#include "training/trained_model.h"
#include "training/training_set.h"

namespace tandem::training {

struct MinedNegative {
  std::int32_t item = 0;  // a picture or a caption, as a place in the dataset
  float cosine = 0;
};

struct MinedNegatives {
  // By place in the dataset: of each caption wrong pictures, of each picture wrong captions; nearest first.
  std::vector<std::vector<MinedNegative>> images_of_caption;
  std::vector<std::vector<MinedNegative>> captions_of_image;
  bool empty() const { return images_of_caption.empty(); }
};

// options.negatives.mine_from of each. Left out is what is as similar to the right one as
// options.negatives.duplicate: a near-duplicate is no wrong answer.
MinedNegatives mine_negatives(const TrainedModel& model, const Pictures& pictures, const TrainingSet& set,
                              const TrainingOptions& options, const Watch& watch);

}  // namespace tandem::training

// What a model knows of pictures at large, by which its match tells texts that are near to everything.
//
// A free function.
#pragma once

#include "training/embed_all.h"
#include "training/pictures.h"
#include "training/training_set.h"

namespace tandem::training {

// Sets the centres of the match's hubness to those of the pictures of training, as the model embeds them now:
// of some thousands of these, spread over the set, where there are more. Where there are fewer pictures
// than centres, the other centres count for nothing. A model that keeps none is left as it is. Throws
// Cancelled.
void set_hubness(TrainedModel& model, const Pictures& pictures, const TrainingSet& set, const Watch& watch);

}  // namespace tandem::training

// What an evaluation takes from a gallery and from the bi-encoder.
//
// Thread-safe: free functions.
#pragma once

#include <stop_token>
#include <vector>

#include "evaluation/similarity.h"
#include "evaluation/tasks.h"
#include "tandem/datasets.h"
#include "tandem/encoders.h"
#include "tandem/gallery.h"

namespace tandem::evaluation {

// The gallery's ids of a dataset's pictures; 0 where it has none, which is no id. Throws NotFound where it
// has none of them.
std::vector<ImageId> find_images(const Gallery& gallery, const Dataset& dataset);

// Of all captions of the dataset; those that no task asks for are left zero.
Embeddings embed_captions(const BiEncoder& encoder, const Dataset& dataset, const std::vector<Task>& tasks,
                          const std::stop_token& stop);

// Of all pictures; those without an id are left zero.
Embeddings load_images(const Gallery& gallery, const std::vector<ImageId>& ids, const std::stop_token& stop);

}  // namespace tandem::evaluation

// What the options of a search come to with given models.
//
// Thread-safe: values and free functions.
#pragma once

#include <cstddef>

#include "tandem/gallery.h"
#include "tandem/model.h"
#include "tandem/retriever.h"

namespace tandem::retrieval {

struct SearchPlan {
  bool rerank = false;
  std::size_t candidates = 0;  // to take from the index; at least top_k
};

// For queries with a text; `options` need not be valid yet.
// Throws InvalidArgument for options that cannot be, and where reranking is wanted and the second model of
// the gallery is not among `models`; Unsupported where it is wanted of a model without a matching head.
SearchPlan plan_search(const SearchOptions& options, const ModelPair& models, const GalleryInfo& gallery);

}  // namespace tandem::retrieval

// The pictures nearest to a query by an approximate index of them: it says which may be near, their stored
// embeddings say how near.
//
// Free functions, which many threads may call at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "gallery/embedding_table.h"
#include "index/stored_index.h"

namespace tandem::gallery {

// For each query up to `k` of the pictures that `index` finds and that are among `images`, with exact scores,
// best first. `gone`: how many rows of the index are of pictures that are not.
std::vector<std::vector<ScoredId>> nearest_by_index(const index::StoredIndex& index,
                                                    const EmbeddingTable& images, MatrixView queries,
                                                    std::size_t k, std::size_t gone = 0);

// The share of the 100 nearest pictures that nearest_by_index() finds for queries near some of `images`, all
// of which `index` has. With `wanted`, an index that can look at more rows does so from then on, until it
// finds this share.
double shortlist_recall(index::StoredIndex& index, const EmbeddingTable& images, double wanted = 0);

}  // namespace tandem::gallery

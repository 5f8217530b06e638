// How FAISS indexes are trained and searched: the one place with numbers.
//
// Free functions. Includes FAISS: only for the sources of this room.
#pragma once

#include <faiss/Index.h>

#include <cstddef>

namespace tandem::index {

// How many vectors an index wants to learn from; 0 for one that learns nothing.
std::size_t training_rows(const faiss::Index& index);

// Sets how thoroughly an index builds and searches. Chosen so that IVF, HNSW and SQ8 find at least nine of
// the ten nearest vectors on clustered data of some 10,000 rows (measured in the tests). Codes that drop
// more (PQ, PCA) find fewer, whatever the search does.
void tune(faiss::Index& index);

// VectorIndex::look_at().
bool look_at(faiss::Index& index, double share);

}  // namespace tandem::index

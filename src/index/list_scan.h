// Searching the inverted lists of a FAISS index by our own scan. The FAISS of Linux distributions is compiled
// for the oldest processors of their kind, on which our inner products are several times faster.
//
// Free functions. FAISS types are only named: for the sources of this room.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tandem/index.h"
#include "tandem/matrix.h"

namespace faiss {
struct Index;
struct IndexIVF;
}  // namespace faiss

namespace tandem::index {

// `index` where it is one that can be searched so: its lists hold vectors as they are ("IVF256,Flat") or each
// value in a byte ("IVF256,SQ8"). Nothing for any other.
const faiss::IndexIVF* scannable_lists(const faiss::Index& index);

// As VectorIndex::search(), of an index that scannable_lists() returned; the row that was added as number i
// has the id ids[i].
std::vector<std::vector<ScoredId>> search_lists(const faiss::IndexIVF& index,
                                                std::span<const std::int64_t> ids, MatrixView queries,
                                                std::size_t k);

}  // namespace tandem::index

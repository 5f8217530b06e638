#include "index/faiss_tuning.h"

#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/IndexPQ.h>
#include <faiss/IndexPreTransform.h>
#include <faiss/IndexScalarQuantizer.h>

#include <algorithm>
#include <cmath>

namespace tandem::index {
namespace {

// FAISS warns where k-means has fewer points for each centroid.
constexpr std::size_t kRowsPerCentroid = 39;
// Enough to see the range of each dimension, beyond which a scalar quantiser would clip.
constexpr std::size_t kRowsForRanges = 1000;
// For what has no centroid count of its own that we know: as for the usual 256 centroids.
constexpr std::size_t kRowsByDefault = kRowsPerCentroid * 256;

std::size_t rows_for_bits(std::size_t bits) { return kRowsPerCentroid << std::min<std::size_t>(bits, 24); }

}  // namespace

std::size_t training_rows(const faiss::Index& index) {
  if (index.is_trained) return 0;
  if (const auto* chain = dynamic_cast<const faiss::IndexPreTransform*>(&index)) {
    // The transforms (PCA, OPQ) learn from the same rows.
    return std::max(kRowsForRanges, training_rows(*chain->index));
  }
  if (const auto* inverted = dynamic_cast<const faiss::IndexIVF*>(&index)) {
    std::size_t rows = kRowsPerCentroid * inverted->nlist;
    if (const auto* product = dynamic_cast<const faiss::IndexIVFPQ*>(&index)) {
      rows = std::max(rows, rows_for_bits(product->pq.nbits));
    }
    return rows;
  }
  if (const auto* product = dynamic_cast<const faiss::IndexPQ*>(&index))
    return rows_for_bits(product->pq.nbits);
  if (dynamic_cast<const faiss::IndexScalarQuantizer*>(&index) != nullptr) return kRowsForRanges;
  return kRowsByDefault;
}

void tune(faiss::Index& index) {
  if (auto* chain = dynamic_cast<faiss::IndexPreTransform*>(&index)) {
    tune(*chain->index);
  } else if (auto* inverted = dynamic_cast<faiss::IndexIVF*>(&index)) {
    inverted->nprobe = std::min(inverted->nlist, std::max<std::size_t>(8, inverted->nlist / 8));
  } else if (auto* graph = dynamic_cast<faiss::IndexHNSW*>(&index)) {
    graph->hnsw.efConstruction = 200;
    graph->hnsw.efSearch = 128;
  }
}

bool look_at(faiss::Index& index, double share) {
  auto* inverted = dynamic_cast<faiss::IndexIVF*>(&index);
  if (inverted == nullptr) return false;
  const double lists = std::ceil(share * static_cast<double>(inverted->nlist));
  inverted->nprobe = std::clamp<std::size_t>(static_cast<std::size_t>(lists), 1, inverted->nlist);
  return true;
}

}  // namespace tandem::index

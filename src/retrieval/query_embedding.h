// Queries to the vectors that the index is asked for.
//
// Thread-safe: free functions.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "tandem/encoders.h"
#include "tandem/matrix.h"
#include "tandem/retriever.h"

namespace tandem::retrieval {

// Throws InvalidArgument for a query without text and image, or with a text of nothing but white space.
void check_queries(std::span<const Query> queries);

// One matrix for each query, rows of length 1: one row for a text; as many as the model gives an image
// for an image; for both, each of these rows is the mean of image and text, scaled to length 1.
// All texts are embedded together, and all images. Throws what BiEncoder throws.
std::vector<Matrix> embed_queries(std::span<const Query> queries, const BiEncoder& encoder,
                                  std::stop_token stop);

// Asks `nearest` (Gallery::nearest_images or nearest_captions, bound to a gallery) once for the rows of
// all queries: one list for each query, best first, at most `k`. What several rows of a query find counts
// once, by its best.
template <typename Nearest>
std::vector<std::vector<ScoredId>> find_nearest(std::span<const Matrix> queries, std::size_t k,
                                                Nearest nearest);

// The rows of all matrices, one below the other.
Matrix stack_rows(std::span<const Matrix> matrices);
// What the rows of one query found, as one list.
std::vector<ScoredId> merge_by_best(std::span<const std::vector<ScoredId>> lists, std::size_t k);

template <typename Nearest>
std::vector<std::vector<ScoredId>> find_nearest(std::span<const Matrix> queries, std::size_t k,
                                                Nearest nearest) {
  const std::vector<std::vector<ScoredId>> lists = nearest(stack_rows(queries), k);
  std::vector<std::vector<ScoredId>> merged;
  std::size_t first = 0;
  for (const Matrix& query : queries) {
    merged.push_back(merge_by_best(std::span(lists).subspan(first, query.rows()), k));
    first += query.rows();
  }
  return merged;
}

}  // namespace tandem::retrieval

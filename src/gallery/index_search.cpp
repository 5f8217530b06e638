#include "gallery/index_search.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "index/automatic.h"

namespace tandem::gallery {
namespace {

// Rows that the index is asked for, for each that is wanted: it may score by shortened vectors, and what is
// best by the full ones stands a little further down.
constexpr std::size_t kCandidatesForEach = 4;
constexpr std::size_t kShortlist = 100;
constexpr std::size_t kQueries = 500;

std::vector<ScoredId> rescored(const std::vector<ScoredId>& candidates, const EmbeddingTable& images,
                               std::span<const float> query) {
  std::vector<std::int64_t> ids;
  for (const ScoredId& candidate : candidates) ids.push_back(candidate.id);
  std::ranges::sort(ids);  // as they lie in memory, and doubles beside each other
  std::vector<ScoredId> hits;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0 && ids[i] == ids[i - 1]) continue;
    if (const auto score = images.similarity(ids[i], query)) hits.push_back({ids[i], *score});
  }
  return hits;
}

// Queries near some of the pictures, at a cosine of 0.9: who searches does not have the picture.
Matrix queries_near(const EmbeddingTable& images) {
  Random random(1);
  std::vector<std::size_t> positions(std::min(kQueries, images.size()));
  std::ranges::generate(positions, [&] { return random.below(images.size()); });
  const auto rows = images.rows(positions);
  Matrix queries(positions.size(), rows.vectors.columns());
  // Directions of half an embedding's length, as a number from -s to s has the mean square s * s / 3.
  const double most = 0.5 * std::sqrt(3 / static_cast<double>(queries.columns()));
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    std::ranges::transform(
        rows.vectors.row(i * images.rows_each()), queries.row(i).begin(),
        [&](float value) { return value + static_cast<float>(random.uniform(-most, most)); });
  }
  return queries;
}

}  // namespace

std::vector<std::vector<ScoredId>> nearest_by_index(const index::StoredIndex& index,
                                                    const EmbeddingTable& images, MatrixView queries,
                                                    std::size_t k, std::size_t gone) {
  const std::size_t rows = std::min(k, images.size()) * images.rows_each() * kCandidatesForEach + gone;
  const auto candidates = index.search(queries, std::max<std::size_t>(1, rows));
  std::vector<std::vector<ScoredId>> hits;
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    hits.push_back(rescored(candidates[i], images, queries.row(i)));
    sort_best_first(hits.back(), k);
  }
  return hits;
}

double shortlist_recall(index::StoredIndex& index, const EmbeddingTable& images, double wanted) {
  const Matrix queries = queries_near(images);
  const auto nearest = images.nearest(queries, kShortlist);
  const auto measure = [&] {
    return index::recall_of(nearest_by_index(index, images, queries, kShortlist), nearest);
  };
  return wanted > 0 ? index::look_far_enough(index, wanted, measure) : measure();
}

}  // namespace tandem::gallery

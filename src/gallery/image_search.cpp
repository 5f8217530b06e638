#include "gallery/image_search.h"

#include <algorithm>
#include <unordered_set>

#include "core/log.h"

namespace tandem::gallery {
namespace {

// Rows that the index is asked for, for each that is wanted: it scores by shortened vectors, and what is
// best by the full ones stands a little further down.
constexpr std::size_t kCandidatesForEach = 4;
// Of the rows of a snapshot, those of removed pictures only waste its time: with a larger share it is no
// longer used.
constexpr double kMaxGoneShare = 0.25;

}  // namespace

ImageSearch::ImageSearch(const FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
                         const StateRecord& state, const EmbeddingTable& images)
    : files_(files), folder_(std::move(folder)), manifest_(manifest), state_(state), images_(images) {}

const Snapshot* ImageSearch::snapshot() const {
  const std::lock_guard lock(mutex_);
  if (!loaded_ && manifest_.index_spec != "exact") load();
  loaded_ = true;
  return snapshot_ ? &*snapshot_ : nullptr;
}

void ImageSearch::load() const {
  try {
    Snapshot read = read_snapshot(files_, folder_, manifest_);
    gone_ = require_covers(read, images_, state_);
    if (static_cast<double>(gone_) > kMaxGoneShare * static_cast<double>(read.index->size())) {
      log(LogLevel::kWarning,
          "{}: too many pictures were removed since the index was built; searching exactly",
          folder_.string());
      return;
    }
    snapshot_ = std::move(read);
  } catch (const Error& error) {
    log(LogLevel::kWarning, "{}; searching exactly, which is slower, until the index is built again",
        error.what());
  }
}

void ImageSearch::rescore(const std::vector<ScoredId>& candidates, std::span<const float> query,
                          std::vector<ScoredId>& hits) const {
  std::unordered_set<std::int64_t> seen;
  for (const ScoredId& candidate : candidates) {
    if (images_.contains(candidate.id) && seen.insert(candidate.id).second) {
      hits.push_back({candidate.id, images_.similarity(candidate.id, query)});
    }
  }
}

std::vector<std::vector<ScoredId>> ImageSearch::nearest(MatrixView queries, std::size_t k) const {
  const Snapshot* snapshot = this->snapshot();
  if (snapshot == nullptr || queries.rows() == 0) return images_.nearest(queries, k);
  const std::size_t wanted = std::min(k, images_.size());
  auto hits = images_.nearest(queries, k, snapshot->head.covered_below);  // those that came later
  const std::size_t rows = wanted * images_.rows_each() * kCandidatesForEach + gone_;
  const auto candidates = snapshot->index->search(queries, std::max<std::size_t>(1, rows));
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    rescore(candidates[i], queries.row(i), hits[i]);
    sort_best_first(hits[i], k);
    // An approximate index may find too few.
    if (hits[i].size() < wanted) hits[i] = images_.nearest(queries.rows(i, 1), k)[0];
  }
  return hits;
}

}  // namespace tandem::gallery

#include "gallery/image_search.h"

#include <algorithm>

#include "core/log.h"
#include "gallery/index_search.h"
#include "index/automatic.h"

namespace tandem::gallery {
namespace {

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
    // Left to the library, a gallery has none while it is small.
    if (manifest_.index_spec == index::kAutomatic && !has_snapshot(files_, folder_)) return;
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

std::vector<std::vector<ScoredId>> ImageSearch::nearest(MatrixView queries, std::size_t k) const {
  const Snapshot* snapshot = this->snapshot();
  if (snapshot == nullptr || queries.rows() == 0) return images_.nearest(queries, k);
  const std::size_t wanted = std::min(k, images_.size());
  auto hits = images_.nearest(queries, k, snapshot->head.covered_below);  // those that came later
  const auto found = nearest_by_index(*snapshot->index, images_, queries, k, gone_);
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    hits[i].insert(hits[i].end(), found[i].begin(), found[i].end());
    sort_best_first(hits[i], k);
    // An approximate index may find too few.
    if (hits[i].size() < wanted) hits[i] = images_.nearest(queries.rows(i, 1), k)[0];
  }
  return hits;
}

}  // namespace tandem::gallery

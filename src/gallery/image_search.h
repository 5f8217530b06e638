// The pictures nearest to a query: by the index snapshot where there is a good one, exactly where not.
//
// Const methods may be called from many threads. What it is made of must outlive it.
#pragma once

#include <mutex>
#include <optional>

#include "gallery/snapshot.h"

namespace tandem::gallery {

class ImageSearch {
 public:
  ImageSearch(const FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
              const StateRecord& state, const EmbeddingTable& images);

  // One list for each query: min(k, count) pictures, best first, with exact scores.
  std::vector<std::vector<ScoredId>> nearest(MatrixView queries, std::size_t k) const;

 private:
  // Read when first needed; nothing where the index is exact or the snapshot is of no use.
  const Snapshot* snapshot() const;
  void load() const;

  const FileSystem& files_;
  std::filesystem::path folder_;
  const Manifest& manifest_;
  const StateRecord& state_;
  const EmbeddingTable& images_;
  mutable std::mutex mutex_;
  mutable bool loaded_ = false;
  mutable std::optional<Snapshot> snapshot_;
  mutable std::size_t gone_ = 0;  // rows of the snapshot whose pictures are gone
};

}  // namespace tandem::gallery

// The embeddings of all pictures, or of all captions, over the mapped segments.
//
// Immutable to its users: const methods may be called from many threads. It looks into the segments, which
// must outlive it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gallery/segment_reader.h"
#include "tandem/index.h"

namespace tandem::gallery {

// Sorts best first, keeps the best hit of each id, and of those the first `k`.
void keep_best_of_each_id(std::vector<ScoredId>& hits, std::size_t k);

class EmbeddingTable {
 public:
  // The pictures, or captions, must come by id. A picture has `rows_each` rows, a caption one.
  EmbeddingTable(const SegmentReaders& segments, const std::vector<StoredImage>& images,
                 std::size_t rows_each);
  EmbeddingTable(const SegmentReaders& segments, const std::vector<StoredCaption>& captions);

  std::size_t size() const { return entries_.size(); }
  std::size_t rows_each() const { return rows_each_; }
  std::size_t count_below(std::int64_t id) const;
  bool contains(std::int64_t id) const { return find(id) != nullptr; }

  // rows_each × dimension. Throws NotFound, BadFormat (damaged).
  Matrix embedding(std::int64_t id) const;
  // The best inner product with one of its rows; nothing where the id is not there. Throws BadFormat where
  // the rows are damaged.
  std::optional<float> similarity(std::int64_t id, std::span<const float> query) const;

  // The k best ids that are at least `first_id`, by a scan of all their rows, which are checked against
  // their checksums the first time. Throws BadFormat where one is damaged.
  std::vector<std::vector<ScoredId>> nearest(MatrixView queries, std::size_t k,
                                             std::int64_t first_id = 0) const;

  // Entries by their positions, below size(): their ids, once for each row, and their rows.
  struct Rows {
    std::vector<std::int64_t> ids;
    Matrix vectors;
  };
  Rows rows(std::span<const std::size_t> positions) const;

 private:
  struct Entry {
    std::int64_t id;
    Extent extent;
  };
  struct Part {
    const SegmentReader* segment;
    std::vector<std::int64_t> ids;  // of each row; -1 where it belongs to nobody
    std::int64_t last_id;           // the highest of them
  };

  EmbeddingTable(const SegmentReaders& segments, SegmentKind kind, std::size_t rows_each);
  void add(std::int64_t id, const Extent& extent);
  const Entry* find(std::int64_t id) const;
  const SegmentReader& segment_of(const Entry& entry) const { return segments_.at(entry.extent.segment); }
  std::string name_of(const Entry& entry) const;
  void require_intact(const Entry& entry) const;
  void require_intact_from(std::int64_t first_id) const;

  const SegmentReaders& segments_;
  SegmentKind kind_;
  std::size_t rows_each_;
  std::vector<Entry> entries_;  // by id
  std::vector<Part> parts_;
  mutable std::mutex mutex_;
  mutable std::int64_t intact_from_;  // entries with this id or a higher one were checked
};

}  // namespace tandem::gallery

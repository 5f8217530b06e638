#include "gallery/embedding_table.h"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "core/fail.h"
#include "index/exact_scan.h"

namespace tandem::gallery {

void keep_best_of_each_id(std::vector<ScoredId>& hits, std::size_t k) {
  sort_best_first(hits, hits.size());
  std::unordered_set<std::int64_t> seen;
  std::erase_if(hits, [&](const ScoredId& hit) { return !seen.insert(hit.id).second; });
  if (hits.size() > k) hits.resize(k);
}

EmbeddingTable::EmbeddingTable(const SegmentReaders& segments, SegmentKind kind, std::size_t rows_each)
    : segments_(segments),
      kind_(kind),
      rows_each_(rows_each),
      intact_from_(std::numeric_limits<std::int64_t>::max()) {
  for (const auto& [id, segment] : segments) {
    if (segment.record().kind == kind)
      parts_.push_back({&segment, std::vector<std::int64_t>(segment.record().rows, -1), -1});
  }
}

EmbeddingTable::EmbeddingTable(const SegmentReaders& segments, const std::vector<StoredImage>& images,
                               std::size_t rows_each)
    : EmbeddingTable(segments, SegmentKind::kImages, rows_each) {
  for (const StoredImage& image : images) add(image.record.id, image.embedding);
}

EmbeddingTable::EmbeddingTable(const SegmentReaders& segments, const std::vector<StoredCaption>& captions)
    : EmbeddingTable(segments, SegmentKind::kCaptions, 1) {
  for (const StoredCaption& caption : captions) add(caption.record.id, caption.embedding);
}

void EmbeddingTable::add(std::int64_t id, const Extent& extent) {
  const auto part = std::find_if(parts_.begin(), parts_.end(),
                                 [&](const Part& one) { return one.segment->record().id == extent.segment; });
  const auto first = part->ids.begin() + static_cast<std::ptrdiff_t>(extent.first);
  std::fill(first, first + static_cast<std::ptrdiff_t>(extent.count), id);
  part->last_id = id;
  entries_.push_back({id, extent});
}

std::size_t EmbeddingTable::count_below(std::int64_t id) const {
  const auto entry = std::lower_bound(entries_.begin(), entries_.end(), id,
                                      [](const Entry& one, std::int64_t wanted) { return one.id < wanted; });
  return static_cast<std::size_t>(entry - entries_.begin());
}

const EmbeddingTable::Entry* EmbeddingTable::find(std::int64_t id) const {
  const std::size_t at = count_below(id);
  return at < entries_.size() && entries_[at].id == id ? &entries_[at] : nullptr;
}

std::string EmbeddingTable::name_of(const Entry& entry) const {
  return fmt::format("{} {}", kind_ == SegmentKind::kImages ? "picture" : "caption", entry.id);
}

Matrix EmbeddingTable::embedding(std::int64_t id) const {
  const Entry* entry = find(id);
  if (entry == nullptr) fail(ErrorCode::kNotFound, "gallery: there is nothing with id {}", id);
  return segment_of(*entry).decode(entry->extent, name_of(*entry));
}

void EmbeddingTable::require_intact(const Entry& entry) const {
  const SegmentReader& segment = segment_of(entry);
  // Its name is made only where it is needed: a search asks for very many.
  if (!segment.is_intact(entry.extent)) segment.require_intact(entry.extent, name_of(entry));
}

std::optional<float> EmbeddingTable::similarity(std::int64_t id, std::span<const float> query) const {
  const Entry* entry = find(id);
  if (entry == nullptr) return std::nullopt;
  require_intact(*entry);
  const MatrixView rows = segment_of(*entry).floats().rows(entry->extent.first, entry->extent.count);
  float best = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < rows.rows(); ++i)
    best = std::max(best, index::inner_product(rows.row(i), query));
  return best;
}

void EmbeddingTable::require_intact_from(std::int64_t first_id) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = count_below(first_id); i < entries_.size() && entries_[i].id < intact_from_; ++i) {
    require_intact(entries_[i]);
  }
  intact_from_ = std::min(intact_from_, first_id);
}

std::vector<std::vector<ScoredId>> EmbeddingTable::nearest(MatrixView queries, std::size_t k,
                                                           std::int64_t first_id) const {
  if (count_below(first_id) == entries_.size()) return std::vector<std::vector<ScoredId>>(queries.rows());
  require_intact_from(first_id);
  std::vector<index::RowsWithIds> rows;
  for (const Part& part : parts_) {
    if (part.last_id >= first_id) rows.push_back({part.segment->floats(), part.ids});
  }
  // The k * rows_each best rows are those of at least k ids.
  index::BestRows best(queries, std::min(k, entries_.size()) * rows_each_);
  best.scan(rows, first_id);
  auto hits = best.take();
  for (auto& list : hits) keep_best_of_each_id(list, k);
  return hits;
}

EmbeddingTable::Rows EmbeddingTable::rows(std::span<const std::size_t> positions) const {
  Rows rows;
  if (positions.empty()) return rows;
  rows.vectors = Matrix(positions.size() * rows_each_, parts_.front().segment->floats().columns());
  for (const std::size_t position : positions) {
    const Entry& entry = entries_[position];
    require_intact(entry);
    for (std::size_t j = 0; j < rows_each_; ++j) {
      const auto from = segment_of(entry).floats().row(entry.extent.first + j);
      std::copy(from.begin(), from.end(), rows.vectors.row(rows.ids.size()).begin());
      rows.ids.push_back(entry.id);
    }
  }
  return rows;
}

}  // namespace tandem::gallery

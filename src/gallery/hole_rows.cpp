#include "gallery/hole_rows.h"

namespace tandem::gallery {

HoleRows::HoleRows(const std::vector<SegmentRecord>& segments, const std::vector<HoleRecord>& holes) {
  std::map<std::int64_t, SegmentKind> kinds;
  for (const SegmentRecord& segment : segments) kinds[segment.id] = segment.kind;
  for (const HoleRecord& hole : holes) {
    const auto kind = kinds.find(hole.extent.segment);
    if (kind != kinds.end()) add(kind->second, hole.extent.count);
  }
}

std::uint64_t HoleRows::bytes(const Manifest& manifest) const {
  std::uint64_t bytes = 0;
  for (const auto& [kind, rows] : rows_) bytes += rows * manifest.segment(kind, 0).row_bytes();
  return bytes;
}

}  // namespace tandem::gallery

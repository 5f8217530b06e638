#include "gallery/row_claims.h"

#include <algorithm>

#include "core/hash.h"

namespace tandem::gallery {

RowClaims::RowClaims(const Manifest& manifest, const std::map<std::int64_t, SegmentRecord>& known,
                     std::int64_t next_segment)
    : manifest_(manifest), segments_(known), next_segment_(next_segment) {}

void RowClaims::add(Extent& extent, SegmentKind kind, std::uint64_t count) {
  claims_.push_back({&extent, kind, count});
}

bool RowClaims::holds(const Claim& claim, std::uint64_t end) const {
  const Extent& extent = *claim.extent;
  const auto segment = segments_.find(extent.segment);
  return segment != segments_.end() && segment->second.kind == claim.kind && extent.count > 0 &&
         (claim.count == 0 || extent.count == claim.count) && extent.first >= end;
}

void RowClaims::sort() {
  std::stable_sort(claims_.begin(), claims_.end(),
                   [](const Claim& a, const Claim& b) { return *a.extent < *b.extent; });
}

void RowClaims::settle() {
  // A segment whose record is lost is of the kind that its first claim says.
  for (const Claim& claim : claims_) {
    const std::int64_t id = claim.extent->segment;
    if (id > 0) segments_.try_emplace(id, SegmentRecord{id, claim.kind, 0});
  }
  sort();
  std::map<std::int64_t, std::uint64_t> ends;
  for (const Claim& claim : claims_) {
    const std::int64_t id = claim.extent->segment;
    if (!holds(claim, ends[id])) {
      move_to_zeros(claim);
    } else {
      ends[id] = claim.extent->first + claim.extent->count;
      segments_[id].rows = std::max(segments_[id].rows, ends[id]);
    }
  }
  sort();
}

void RowClaims::move_to_zeros(const Claim& claim) {
  const auto [zeros, is_new] = zeros_.try_emplace(claim.kind, next_segment_);
  if (is_new) {
    segments_[next_segment_] = {next_segment_, claim.kind, 0};
    ++next_segment_;
  }
  SegmentRecord& segment = segments_[zeros->second];
  const std::uint64_t count = std::max<std::uint64_t>(claim.count, 1);
  const std::vector<std::byte> rows(count * manifest_.segment(claim.kind, segment.id).row_bytes());
  *claim.extent = {segment.id, segment.rows, count, ~checksum64(rows)};
  segment.rows += count;
}

std::vector<SegmentRecord> RowClaims::segments() const {
  std::vector<SegmentRecord> segments;
  for (const auto& [id, segment] : segments_) segments.push_back(segment);
  return segments;
}

std::vector<HoleRecord> RowClaims::holes() const {
  std::map<std::int64_t, std::uint64_t> ends;
  std::vector<HoleRecord> holes;
  const auto fill = [&](std::int64_t segment, std::uint64_t until) {
    if (until > ends[segment]) holes.push_back({{segment, ends[segment], until - ends[segment], 0}});
  };
  for (const Claim& claim : claims_) {
    fill(claim.extent->segment, claim.extent->first);
    ends[claim.extent->segment] = claim.extent->first + claim.extent->count;
  }
  for (const auto& [id, segment] : segments_) fill(id, segment.rows);
  std::sort(holes.begin(), holes.end(),
            [](const HoleRecord& a, const HoleRecord& b) { return a.extent < b.extent; });
  return holes;
}

}  // namespace tandem::gallery

// Who has which rows of which segment, where a catalogue may contradict itself.
//
// For one thread. The extents that are added must outlive it and stay where they are.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gallery/manifest.h"
#include "gallery/records.h"

namespace tandem::gallery {

class RowClaims {
 public:
  // `known`: the segments whose records are right. `next_segment`: the first id that none has.
  RowClaims(const Manifest& manifest, const std::map<std::int64_t, SegmentRecord>& known,
            std::int64_t next_segment);

  // Somebody's rows: `count` of them (any but none if 0) in a segment of `kind`. None at all are a claim that
  // does not hold.
  void add(Extent& extent, SegmentKind kind, std::uint64_t count);

  // Claims that do not hold (of another kind, of rows that somebody else has) become rows of zeros in new
  // segments, with checksums that do not fit.
  void settle();

  // After settle(): all segments, each with all rows that are claimed, and the rows that nobody claims, their
  // checksums still to be made. Both by id.
  std::vector<SegmentRecord> segments() const;
  std::vector<HoleRecord> holes() const;

 private:
  struct Claim {
    Extent* extent;
    SegmentKind kind;
    std::uint64_t count;
  };

  bool holds(const Claim& claim, std::uint64_t end) const;
  void move_to_zeros(const Claim& claim);
  void sort();

  const Manifest& manifest_;
  std::map<std::int64_t, SegmentRecord> segments_;
  std::map<SegmentKind, std::int64_t> zeros_;  // the new segment of each kind
  std::int64_t next_segment_;
  std::vector<Claim> claims_;
};

}  // namespace tandem::gallery

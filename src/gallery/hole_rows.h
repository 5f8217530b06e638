// How many rows of the segments belong to nobody any more, and take up space until they are compacted.
//
// A value.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "gallery/manifest.h"
#include "gallery/records.h"

namespace tandem::gallery {

class HoleRows {
 public:
  HoleRows(const std::vector<SegmentRecord>& segments, const std::vector<HoleRecord>& holes);

  void add(SegmentKind kind, std::uint64_t rows) { rows_[kind] += rows; }
  // `rows` that were added before.
  void take(SegmentKind kind, std::uint64_t rows) { rows_[kind] -= rows; }

  std::uint64_t bytes(const Manifest& manifest) const;

 private:
  std::map<SegmentKind, std::uint64_t> rows_;
};

}  // namespace tandem::gallery

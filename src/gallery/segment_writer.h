// Appending rows to segments: what is appended exists once the catalogue says so, not before.
//
// For one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/file_system.h"
#include "gallery/manifest.h"
#include "gallery/records.h"

namespace tandem::gallery {

// A new segment begins when one has grown to this: far below the 4 GiB that some file systems hold, large
// enough that a gallery of a lifetime's photos has a few dozen files, small enough to copy one anew.
inline constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{2} << 30;

class SegmentWriter {
 public:
  // Cuts off what lies beyond the committed rows of `segments`, and removes segment files that the
  // catalogue does not know: both are what a crash left. `next_id` is the id of the next new segment.
  // Throws NotFound, BadFormat, VersionTooNew, Backend.
  SegmentWriter(FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
                const std::vector<SegmentRecord>& segments, std::int64_t next_id,
                std::uint64_t max_bytes = kMaxSegmentBytes);

  // Appends `count` rows, which stay together in one segment.
  Extent append(SegmentKind kind, std::span<const std::byte> rows, std::uint64_t count);

  // What comes next goes to a new segment. Only right after a sync().
  void begin_new_segment(SegmentKind kind);
  // Deletes the file of a segment that the catalogue no longer knows.
  void remove(const SegmentRecord& record);

  // Everything appended is on the medium when it returns. Returns the segments that grew since the last
  // time.
  std::vector<SegmentRecord> sync();
  std::int64_t next_id() const { return next_id_; }

 private:
  struct Open {
    SegmentRecord record;
    std::unique_ptr<WritableFile> file;
    std::uint64_t bytes = 0;
  };

  void cut(const SegmentRecord& record);
  void remove_strays(const std::vector<SegmentRecord>& segments);
  Open& segment_for(SegmentKind kind, std::uint64_t bytes);
  Open create(SegmentKind kind);

  FileSystem& files_;
  std::filesystem::path folder_;
  Manifest manifest_;
  std::int64_t next_id_;
  std::uint64_t max_bytes_;
  std::map<SegmentKind, SegmentRecord> last_;  // the segment to go on with, while it is not open
  std::map<SegmentKind, Open> open_;
  std::map<std::int64_t, SegmentRecord> grown_;  // since the last sync
  bool created_ = false;                         // since the last sync
};

}  // namespace tandem::gallery

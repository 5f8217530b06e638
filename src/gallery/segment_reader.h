// A segment mapped into memory: its committed rows, and nothing beyond them.
//
// Immutable: const methods may be called from many threads. Spans and views look into the map and must
// not outlive the reader.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>

#include "core/file_system.h"
#include "gallery/manifest.h"
#include "gallery/records.h"
#include "tandem/matrix.h"

namespace tandem::gallery {

// Maps a segment and checks that it is the one that the catalogue speaks of, with all committed rows.
// Throws NotFound (the file is missing), BadFormat (truncated, damaged, of another gallery),
// VersionTooNew, Backend.
std::shared_ptr<const MappedFile> map_segment(const FileSystem& files, const std::filesystem::path& path,
                                              const SegmentHeader& header, std::uint64_t rows);

class SegmentReader {
 public:
  // Throws as map_segment().
  SegmentReader(const FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                const SegmentRecord& record);

  const SegmentRecord& record() const { return record_; }
  std::uint64_t committed_bytes() const { return header_.file_bytes(record_.rows); }

  // All rows; only for segments of float32.
  MatrixView floats() const;
  // The bytes of some rows, which must lie within the segment.
  std::span<const std::byte> bytes(const Extent& extent) const;
  // Whether their checksum fits.
  bool is_intact(const Extent& extent) const;
  // Throws BadFormat where it does not; `what` says whose they are ("picture 7").
  void require_intact(const Extent& extent, const std::string& what) const;
  // The same, and the rows as float32.
  Matrix decode(const Extent& extent, const std::string& what) const;

 private:
  SegmentRecord record_;
  SegmentHeader header_;
  std::filesystem::path path_;
  std::shared_ptr<const MappedFile> file_;
};

using SegmentReaders = std::map<std::int64_t, SegmentReader>;

}  // namespace tandem::gallery

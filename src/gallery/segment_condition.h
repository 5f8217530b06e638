// A segment as it is found: whole, or what is left of it.
//
// Values and free functions. Spans look into the map of the file.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/file_system.h"
#include "gallery/manifest.h"
#include "gallery/records.h"

namespace tandem::gallery {

enum class SegmentFault {
  kNone,
  kNew,  // not written yet
  kMissing,
  kForeign,     // the segment of another gallery, or another segment of this one
  kDamaged,     // truncated, or with a damaged header
  kUnreadable,  // the system fails to read it: nobody knows what is in it
};

struct SegmentCondition {
  SegmentRecord record;
  SegmentHeader header;  // as it should be
  SegmentFault fault = SegmentFault::kNone;
  std::string problem;                     // says what the fault is
  std::shared_ptr<const MappedFile> file;  // null where there is nothing to be had from it
  std::uint64_t rows = 0;                  // of the committed ones, how many the file has

  // The bytes of some rows; nothing where the file does not have them.
  std::optional<std::span<const std::byte>> bytes(const Extent& extent) const;
  bool has_intact(const Extent& extent) const;
};

// Throws VersionTooNew where the file was written by a later version.
SegmentCondition inspect_segment(const FileSystem& files, const std::filesystem::path& folder,
                                 const Manifest& manifest, const SegmentRecord& record);

// Writes the file of a segment anew: its header, the rows that are there, zeros for the others. Another
// gallery's file is moved aside. Returns where to, or an empty path.
std::filesystem::path rewrite_segment(FileSystem& files, const std::filesystem::path& folder,
                                      const SegmentCondition& segment);

}  // namespace tandem::gallery

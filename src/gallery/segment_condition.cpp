#include "gallery/segment_condition.h"

#include <algorithm>

#include "core/fail.h"
#include "core/hash.h"
#include "gallery/segment_reader.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

// Whether the header of a later version is one of this version with a damaged number: its checksum tells.
bool has_damaged_version(std::span<const std::byte> bytes, const SegmentHeader& wanted) {
  if (bytes.size() < kSegmentHeaderBytes) return false;
  const auto right = format_segment_header(wanted);
  const auto checksum = std::span(right).last(sizeof(std::uint64_t));
  return std::ranges::equal(checksum, bytes.first(kSegmentHeaderBytes).last(checksum.size()));
}

// Whether it has the header of some other segment, whole.
bool is_foreign(std::span<const std::byte> bytes, const SegmentHeader& wanted) {
  try {
    return parse_segment_header(bytes, "") != wanted;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<std::span<const std::byte>> SegmentCondition::bytes(const Extent& extent) const {
  if (!file || extent.first > rows || extent.count > rows - extent.first) return std::nullopt;
  return file->bytes().subspan(header.file_bytes(extent.first), extent.count * header.row_bytes());
}

bool SegmentCondition::has_intact(const Extent& extent) const {
  const auto found = bytes(extent);
  return found && checksum64(*found) == extent.checksum;
}

SegmentCondition inspect_segment(const FileSystem& files, const fs::path& folder, const Manifest& manifest,
                                 const SegmentRecord& record) {
  SegmentCondition segment;
  segment.record = record;
  segment.header = manifest.segment(record.kind, record.id);
  const fs::path path = folder / segment_file_name(record.kind, record.id);
  try {
    segment.file = map_segment(files, path, segment.header, record.rows);
    segment.rows = record.rows;
    return segment;
  } catch (const Error& error) {
    segment.problem = error.what();
    if (error.code() == ErrorCode::kNotFound) {
      segment.fault = SegmentFault::kMissing;
      return segment;
    }
    if (error.code() != ErrorCode::kBadFormat && error.code() != ErrorCode::kVersionTooNew) {
      segment.fault = SegmentFault::kUnreadable;
      return segment;
    }
    segment.file = files.map(path);
    if (error.code() == ErrorCode::kVersionTooNew &&
        !has_damaged_version(segment.file->bytes(), segment.header)) {
      throw;
    }
  }
  const auto bytes = segment.file->bytes();
  if (is_foreign(bytes, segment.header)) {
    segment.fault = SegmentFault::kForeign;
    segment.file = nullptr;
    return segment;
  }
  segment.fault = SegmentFault::kDamaged;
  if (bytes.size() > kSegmentHeaderBytes) {
    segment.rows = std::min(record.rows, (bytes.size() - kSegmentHeaderBytes) / segment.header.row_bytes());
  }
  return segment;
}

fs::path rewrite_segment(FileSystem& files, const fs::path& folder, const SegmentCondition& segment) {
  const fs::path path = folder / segment_file_name(segment.record.kind, segment.record.id);
  fs::path made = path;
  made += ".new";
  files.remove(made);
  const auto file = files.open_append(made);
  file->append(format_segment_header(segment.header));
  if (segment.rows > 0) file->append(*segment.bytes({segment.record.id, 0, segment.rows, 0}));
  const std::vector<std::byte> zeros(std::size_t{1} << 20);
  std::uint64_t left = (segment.record.rows - segment.rows) * segment.header.row_bytes();
  while (left > 0) {
    const std::uint64_t size = std::min<std::uint64_t>(left, zeros.size());
    file->append(std::span(zeros).first(size));
    left -= size;
  }
  file->sync();
  fs::path aside;
  if (segment.fault == SegmentFault::kForeign) {
    aside = path;
    for (int i = 0; i == 0 || files.status(aside).kind != FileKind::kMissing; ++i) {
      aside = path.string() + ".foreign" + (i == 0 ? "" : std::to_string(i));
    }
    files.rename(path, aside);
  }
  files.rename(made, path);
  files.sync_folder(folder);
  return aside;
}

}  // namespace tandem::gallery

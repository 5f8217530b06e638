#include "gallery/segment_reader.h"

#include "core/fail.h"
#include "core/hash.h"
#include "gallery/token_codec.h"

namespace tandem::gallery {

std::shared_ptr<const MappedFile> map_segment(const FileSystem& files, const std::filesystem::path& path,
                                              const SegmentHeader& header, std::uint64_t rows) {
  if (files.status(path).kind == FileKind::kMissing) {
    fail(ErrorCode::kNotFound,
         "{}: is missing, the catalogue says that it has {} rows; restore it from a copy", path.string(),
         rows);
  }
  auto file = files.map(path);
  const auto bytes = file->bytes();
  require_segment_header(bytes, header, path.string());
  if (rows > (bytes.size() - kSegmentHeaderBytes) / header.row_bytes()) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, {} rows of {} bytes are committed; it is truncated",
         path.string(), bytes.size(), rows, header.row_bytes());
  }
  return file;
}

SegmentReader::SegmentReader(const FileSystem& files, const std::filesystem::path& folder,
                             const Manifest& manifest, const SegmentRecord& record)
    : record_(record),
      header_(manifest.segment(record.kind, record.id)),
      path_(folder / segment_file_name(record.kind, record.id)),
      file_(map_segment(files, path_, header_, record.rows)) {}

MatrixView SegmentReader::floats() const {
  const auto* values = reinterpret_cast<const float*>(file_->bytes().data() + kSegmentHeaderBytes);
  return {values, record_.rows, header_.width};
}

std::span<const std::byte> SegmentReader::bytes(const Extent& extent) const {
  return file_->bytes().subspan(kSegmentHeaderBytes + extent.first * header_.row_bytes(),
                                extent.count * header_.row_bytes());
}

bool SegmentReader::is_intact(const Extent& extent) const {
  return checksum64(bytes(extent)) == extent.checksum;
}

void SegmentReader::require_intact(const Extent& extent, const std::string& what) const {
  if (is_intact(extent)) return;
  fail(ErrorCode::kBadFormat, "{}: the rows {} to {} of {} do not fit their checksum; the file is damaged",
       path_.string(), extent.first, extent.first + extent.count - 1, what);
}

Matrix SegmentReader::decode(const Extent& extent, const std::string& what) const {
  require_intact(extent, what);
  return decode_rows(bytes(extent), header_.type, header_.width);
}

}  // namespace tandem::gallery

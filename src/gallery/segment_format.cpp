#include "gallery/segment_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/fail.h"
#include "index/bytes.h"

namespace tandem::gallery {
namespace {

constexpr std::string_view kSegmentMagic = "TANDEMSG";
constexpr std::uint32_t kSegmentVersion = 1;

const char* prefix_of(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::kImages:
      return "images-";
    case SegmentKind::kCaptions:
      return "captions-";
    case SegmentKind::kTokens:
      return "tokens-";
  }
  return "";
}

}  // namespace

bool is_uuid(std::string_view text) {
  return text.size() == kUuidDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::uint64_t SegmentHeader::row_bytes() const {
  switch (type) {
    case ElementType::kFp32:
      return std::uint64_t{width} * 4;
    case ElementType::kFp16:
      return std::uint64_t{width} * 2;
    case ElementType::kInt8:
      return std::uint64_t{width} + sizeof(float);
  }
  return 0;
}

std::vector<std::byte> format_segment_header(const SegmentHeader& header) {
  index::ByteWriter writer;
  writer.put_text(kSegmentMagic);
  writer.put(kSegmentVersion);
  writer.put(static_cast<std::uint32_t>(header.kind));
  writer.put(static_cast<std::uint32_t>(header.type));
  writer.put(header.width);
  writer.put(header.id);
  writer.put_text(header.gallery);
  while (writer.bytes().size() < kSegmentHeaderBytes - sizeof(std::uint64_t)) writer.put('\0');
  writer.put_checksum();
  return writer.take();
}

SegmentHeader parse_segment_header(std::span<const std::byte> bytes, const std::string& name) {
  index::ByteReader version_reader(bytes, name);
  index::require_magic(version_reader, kSegmentMagic, kSegmentVersion, "a segment");
  if (bytes.size() < kSegmentHeaderBytes) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes, a header of {} is wanted; it is truncated", name,
         bytes.size(), kSegmentHeaderBytes);
  }
  index::ByteReader reader(index::require_checksum(bytes.first(kSegmentHeaderBytes), name), name);
  index::require_magic(reader, kSegmentMagic, kSegmentVersion, "a segment");
  SegmentHeader header;
  header.kind = static_cast<SegmentKind>(reader.get<std::uint32_t>());
  header.type = static_cast<ElementType>(reader.get<std::uint32_t>());
  header.width = reader.get<std::uint32_t>();
  header.id = reader.get<std::int64_t>();
  header.gallery = reader.get_text(kUuidDigits);
  if (!is_uuid(header.gallery)) {
    fail(ErrorCode::kBadFormat, "{}: names its gallery by other bytes than {} hex digits", name, kUuidDigits);
  }
  return header;
}

void require_segment_header(std::span<const std::byte> bytes, const SegmentHeader& wanted,
                            const std::string& name) {
  const SegmentHeader found = parse_segment_header(bytes, name);
  if (found.gallery != wanted.gallery) {
    fail(ErrorCode::kBadFormat, "{}: belongs to gallery {}, not to this one ({}); put the right file back",
         name, found.gallery, wanted.gallery);
  }
  if (found != wanted) {
    fail(ErrorCode::kBadFormat,
         "{}: is segment {} of kind {} with {} values of type {}, the catalogue wants {}/{}/{}/{}", name,
         found.id, static_cast<int>(found.kind), found.width, static_cast<int>(found.type), wanted.id,
         static_cast<int>(wanted.kind), wanted.width, static_cast<int>(wanted.type));
  }
}

std::string segment_file_name(SegmentKind kind, std::int64_t id) {
  return fmt::format("{}{:06}.seg", prefix_of(kind), id);
}

bool is_segment_file_name(std::string_view name) {
  for (const SegmentKind kind : {SegmentKind::kImages, SegmentKind::kCaptions, SegmentKind::kTokens}) {
    const std::string_view prefix = prefix_of(kind);
    if (!name.starts_with(prefix) || !name.ends_with(".seg")) continue;
    const auto digits = name.substr(prefix.size(), name.size() - prefix.size() - 4);
    if (digits.size() >= 6 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return true;
    }
  }
  return false;
}

ElementType element_type(TokenStorage storage) {
  return storage == TokenStorage::kInt8 ? ElementType::kInt8 : ElementType::kFp16;
}

}  // namespace tandem::gallery

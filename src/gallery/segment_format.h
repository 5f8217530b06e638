// The layout of segment files: a header of 128 bytes, then rows of one size.
//
// Values and free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/gallery.h"

namespace tandem::gallery {

enum class SegmentKind : std::uint32_t { kImages = 1, kCaptions = 2, kTokens = 3 };
enum class ElementType : std::uint32_t { kFp32 = 1, kFp16 = 2, kInt8 = 3 };

inline constexpr std::uint64_t kSegmentHeaderBytes = 128;

// A gallery's uuid is that many hex digits.
inline constexpr std::size_t kUuidDigits = 32;
bool is_uuid(std::string_view text);

struct SegmentHeader {
  SegmentKind kind = SegmentKind::kImages;
  ElementType type = ElementType::kFp32;
  std::string gallery;  // the uuid: 32 hex digits
  std::int64_t id = 0;
  std::uint32_t width = 0;  // values in a row

  // kInt8 rows begin with their float32 scale.
  std::uint64_t row_bytes() const;
  // Of a file with so many rows.
  std::uint64_t file_bytes(std::uint64_t rows) const { return kSegmentHeaderBytes + rows * row_bytes(); }
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

std::vector<std::byte> format_segment_header(const SegmentHeader& header);

// Throws BadFormat (another file, truncated, damaged), VersionTooNew. `name` stands for the file.
SegmentHeader parse_segment_header(std::span<const std::byte> bytes, const std::string& name);

// parse_segment_header(), and BadFormat where it is not the header that the catalogue leads to expect.
void require_segment_header(std::span<const std::byte> bytes, const SegmentHeader& wanted,
                            const std::string& name);

// "images-000001.seg"
std::string segment_file_name(SegmentKind kind, std::int64_t id);
// Whether a file of this name can only be a segment.
bool is_segment_file_name(std::string_view name);

// What tokens are stored as; kNone has no elements and must not be asked for.
ElementType element_type(TokenStorage storage);

}  // namespace tandem::gallery

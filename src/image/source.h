// A picture file in memory on its way to pixels, and what the three formats have in common.
//
// Free functions and plain values; a Source borrows what it names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fail.h"
#include "image/resample.h"
#include "tandem/image.h"

namespace tandem::image {

using Bytes = std::span<const std::uint8_t>;

struct Source {
  std::string_view name;  // fit for messages
  Bytes bytes;
  const ImageLimits& limits;
  std::size_t side = 0;  // see decode_reduced()
};

// A file that was checked: decoding it can neither fail halfway nor fill missing rows in silence.
struct CheckedFile {
  Size size;            // as stored, before it is turned upright
  int orientation = 1;  // EXIF, 1 to 8
  // The file again, with all that decides the pixels and nothing else.
  std::vector<std::uint8_t> clean;
  bool may_be_transparent = false;
};

// The pixels of a file as stored, and how they are to be turned.
struct DecodedFile {
  Image image;
  int orientation = 1;  // EXIF, 1 to 8
  Size full = {};       // where the image is reduced
};

// Throws BadFormat: "<name>: <format>".
template <typename... Args>
[[noreturn]] void refuse(const Source& source, fmt::format_string<Args...> format, Args&&... args) {
  fail(ErrorCode::kBadFormat, "{}: {}", source.name, fmt::format(format, std::forward<Args>(args)...));
}

// As refuse(), for a file that was a picture once.
template <typename... Args>
[[noreturn]] void refuse_damaged(const Source& source, fmt::format_string<Args...> format, Args&&... args) {
  refuse(source, "{}; restore it from a copy", fmt::format(format, std::forward<Args>(args)...));
}

// Throws BadFormat for a picture of no pixels or of more than the limits allow.
void require_size(const Source& source, Size size);

// The caller checks that the bytes are there.
inline std::uint32_t big_endian16(Bytes bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }
inline std::uint32_t big_endian32(Bytes bytes, std::size_t at) {
  return big_endian16(bytes, at) << 16 | big_endian16(bytes, at + 2);
}
inline std::uint32_t little_endian16(Bytes bytes, std::size_t at) { return bytes[at] | bytes[at + 1] << 8; }
inline std::uint32_t little_endian32(Bytes bytes, std::size_t at) {
  return little_endian16(bytes, at) | little_endian16(bytes, at + 2) << 16;
}

bool starts_with(Bytes bytes, std::string_view magic);
void append(std::vector<std::uint8_t>& to, Bytes bytes);

}  // namespace tandem::image

#include "image/webp.h"

#include <algorithm>
#include <optional>

#include "image/orientation.h"

namespace tandem::image {
namespace {

constexpr std::size_t kRiffHeader = 12;  // "RIFF", length, "WEBP"
constexpr std::size_t kChunkHeader = 8;  // type, length

// The picture's own chunk, lossy or lossless.
Size lossy_size(const Source& source, Bytes data) {
  // A frame tag of 3 bytes whose lowest bit says that this is no key frame, then a start code.
  if (data.size() < 10 || (data[0] & 1) != 0 || !starts_with(data.subspan(3), "\x9d\x01\x2a")) {
    refuse_damaged(source, "WebP is corrupt: its VP8 data does not begin with a key frame");
  }
  return {little_endian16(data, 6) & 0x3fff, little_endian16(data, 8) & 0x3fff};
}

Size lossless_size(const Source& source, Bytes data) {
  if (data.size() < 5 || data[0] != 0x2f)
    refuse_damaged(source, "WebP is corrupt: its VP8L data does not begin so");
  const std::uint32_t bits = little_endian32(data, 1);
  return {(bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1};
}

// The extended header: flags, then the canvas in 24 bits a side, less one.
Size canvas_size(const Source& source, Bytes data) {
  constexpr unsigned kAnimation = 0x02;
  if (data.size() < 10) refuse_damaged(source, "WebP is corrupt: its VP8X header has {} bytes", data.size());
  if ((data[0] & kAnimation) != 0) {
    fail(ErrorCode::kUnsupported, "{}: an animated WebP; save one of its pictures on its own", source.name);
  }
  const auto side = [&](std::size_t at) { return (data[at] | data[at + 1] << 8 | data[at + 2] << 16) + 1; };
  return {static_cast<std::size_t>(side(4)), static_cast<std::size_t>(side(7))};
}

}  // namespace

bool is_webp(Bytes bytes) {
  return bytes.size() >= kRiffHeader && starts_with(bytes, "RIFF") && starts_with(bytes.subspan(8), "WEBP");
}

CheckedFile check_webp(const Source& source) {
  const std::size_t length = kChunkHeader + std::size_t{little_endian32(source.bytes, 4)};
  if (length < kRiffHeader || length > source.bytes.size()) {
    refuse_damaged(source, "WebP is truncated: it has {} bytes, {} by its header", source.bytes.size(),
                   length);
  }
  const Bytes bytes = source.bytes.first(length);
  std::optional<Size> canvas;
  std::optional<Size> picture;
  OrientationFinder orientation;
  for (std::size_t at = kRiffHeader; bytes.size() - at >= kChunkHeader;) {
    const std::string_view type(reinterpret_cast<const char*>(&bytes[at]), 4);
    const std::size_t size = little_endian32(bytes, at + 4);
    if (size > bytes.size() - at - kChunkHeader)
      refuse_damaged(source, "WebP is truncated: the chunk at byte {} is not whole", at);
    const Bytes data = bytes.subspan(at + kChunkHeader, size);
    if (type == "VP8X" && !canvas) canvas = canvas_size(source, data);
    if (type == "VP8 " && !picture) picture = lossy_size(source, data);
    if (type == "VP8L" && !picture) picture = lossless_size(source, data);
    if (type == "EXIF") orientation.exif(data);
    if (type == "XMP ") orientation.xmp(data);
    at = std::min(at + kChunkHeader + size + size % 2, bytes.size());
  }
  if (!picture) refuse_damaged(source, "WebP has no picture in it");
  require_size(source, *picture);
  if (canvas && *canvas != *picture) {
    refuse_damaged(source, "WebP is corrupt: a picture of {} × {} on a canvas of {} × {}", picture->width,
                   picture->height, canvas->width, canvas->height);
  }
  return {*picture, orientation.orientation(), {bytes.begin(), bytes.end()}, true};
}

}  // namespace tandem::image

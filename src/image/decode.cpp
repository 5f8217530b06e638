#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/fail.h"
#include "core/file_system.h"
#include "image/jpeg.h"
#include "image/opencv_decoder.h"
#include "image/orientation.h"
#include "image/png.h"
#include "image/source.h"
#include "image/webp.h"
#include "tandem/image.h"

namespace tandem {
namespace image {
namespace {

// Formats that are pictures, but not among those that are read.
std::string_view other_format(Bytes bytes) {
  if (starts_with(bytes, "GIF87a") || starts_with(bytes, "GIF89a")) return "GIF";
  if (starts_with(bytes, std::string_view("II*\0", 4)) || starts_with(bytes, std::string_view("MM\0*", 4))) {
    return "TIFF";
  }
  if (starts_with(bytes, "BM") && bytes.size() >= 26 && little_endian32(bytes, 6) == 0) return "BMP";
  if (bytes.size() >= 12 && starts_with(bytes.subspan(4), "ftyp")) {
    const Bytes brand = bytes.subspan(8);
    if (starts_with(brand, "avif") || starts_with(brand, "avis")) return "AVIF";
    for (const char* heif : {"heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"}) {
      if (starts_with(brand, heif)) return "HEIC";
    }
  }
  return {};
}

DecodedFile decode(const Source& source) {
  if (source.bytes.empty()) refuse(source, "is empty; a JPEG, PNG or WebP picture is wanted");
  if (source.bytes.size() > source.limits.max_bytes) {
    refuse(source, "has {} bytes, at most {} are accepted; make it smaller", source.bytes.size(),
           source.limits.max_bytes);
  }
  if (starts_with(source.bytes, kJpegMagic)) return decode_jpeg(source);
  if (starts_with(source.bytes, kPngMagic)) return decode_by_opencv(source, check_png(source));
  if (is_webp(source.bytes)) return decode_by_opencv(source, check_webp(source));
  if (const std::string_view format = other_format(source.bytes); !format.empty()) {
    fail(ErrorCode::kUnsupported, "{}: {} is not supported; convert it to JPEG, PNG or WebP", source.name,
         format);
  }
  refuse(source, "is not a picture; JPEG, PNG or WebP is wanted");
}

}  // namespace
}  // namespace image

namespace {

[[noreturn]] void out_of_memory(const std::string& name) {
  fail(ErrorCode::kBackend, "{}: out of memory while reading it; lower the limits of bytes and pixels", name);
}

}  // namespace

void ImageLimits::validate() const {
  if (max_bytes == 0 || max_pixels == 0) {
    fail(ErrorCode::kInvalidArgument, "image limits: {} bytes and {} pixels; both must be above 0", max_bytes,
         max_pixels);
  }
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
  return decode_reduced(bytes, name, 0, limits).image;
}

ReducedImage decode_reduced(std::span<const std::byte> bytes, const std::string& name, std::size_t side,
                            const ImageLimits& limits) {
  limits.validate();
  const image::Source source{
      name, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, limits, side};
  try {
    image::DecodedFile file = image::decode(source);
    ReducedImage reduced{image::turn_upright(std::move(file.image), file.orientation)};
    const bool is_turned = file.orientation >= 5;  // from 5 on width and height change places
    reduced.full_width = is_turned ? file.full.height : file.full.width;
    reduced.full_height = is_turned ? file.full.width : file.full.height;
    if (reduced.full_width == 0) {
      reduced.full_width = reduced.image.width;
      reduced.full_height = reduced.image.height;
    }
    return reduced;
  } catch (const std::bad_alloc&) {
    out_of_memory(name);
  }
}

Image load_image(const std::filesystem::path& path, const ImageLimits& limits) {
  limits.validate();
  std::vector<std::byte> bytes;
  try {
    bytes = FileSystem::system().read(path, limits.max_bytes);
  } catch (const std::bad_alloc&) {
    out_of_memory(path.string());
  }
  return decode_image(bytes, path.string(), limits);
}

}  // namespace tandem

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "core/fail.h"
#include "core/file_system.h"
#include "image/jpeg.h"
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

// A sample over white: (value · alpha + 255 · (255 - alpha)) / 255, rounded as the reference rounds.
std::uint8_t over_white(unsigned value, unsigned alpha) {
  constexpr unsigned kPrecision = 7;
  const unsigned sum = ((value * alpha + 255 * (255 - alpha)) << kPrecision) + (128u << kPrecision);
  return static_cast<std::uint8_t>((((sum >> 8) + sum) >> 8) >> kPrecision);
}

// BGR or BGRA to RGB; of 16-bit samples the high byte counts.
template <typename Sample>
void to_rgb(const cv::Mat& pixels, std::vector<std::uint8_t>& rgb) {
  constexpr unsigned kShift = 8 * (sizeof(Sample) - 1);
  const std::size_t channels = static_cast<std::size_t>(pixels.channels());
  std::uint8_t* out = rgb.data();
  for (int y = 0; y < pixels.rows; ++y) {
    const Sample* pixel = pixels.ptr<Sample>(y);
    for (int x = 0; x < pixels.cols; ++x, pixel += channels, out += 3) {
      const unsigned alpha = channels == 4 ? pixel[3] >> kShift : 255u;
      for (std::size_t c = 0; c < 3; ++c) out[c] = over_white(pixel[2 - c] >> kShift, alpha);
    }
  }
}

DecodedFile decode_by_opencv(const Source& source, const CheckedFile& file) {
  if (file.clean.size() > INT_MAX)
    refuse(source, "has {} bytes, too many for the decoder", file.clean.size());
  const cv::Mat encoded(1, static_cast<int>(file.clean.size()), CV_8UC1,
                        const_cast<std::uint8_t*>(file.clean.data()));  // OpenCV only reads it
  const int mode = file.may_be_transparent ? cv::IMREAD_UNCHANGED : cv::IMREAD_COLOR;
  cv::Mat pixels;
  try {
    pixels = cv::imdecode(encoded, mode | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
  }
  const bool promised = pixels.cols == static_cast<int>(file.size.width) &&
                        pixels.rows == static_cast<int>(file.size.height) && pixels.channels() >= 3;
  if (!promised) refuse_damaged(source, "is corrupt: it cannot be decoded");
  DecodedFile result{{file.size.width, file.size.height, {}}, file.orientation};
  result.image.rgb.resize(result.image.width * result.image.height * 3);
  if (pixels.depth() == CV_16U) {
    to_rgb<std::uint16_t>(pixels, result.image.rgb);
  } else {
    to_rgb<std::uint8_t>(pixels, result.image.rgb);
  }
  return result;
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

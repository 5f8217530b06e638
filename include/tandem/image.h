// Pictures: decoding files into upright RGB pixels.
//
// Free functions, safe to call from many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tandem {

// 8-bit RGB, row-major, height × width × 3, turned upright.
struct Image {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> rgb;
};

// Bounds that are checked before anything is allocated.
struct ImageLimits {
  std::size_t max_bytes = std::size_t{256} << 20;  // of the file
  std::size_t max_pixels = 200'000'000;            // width × height; 600 MB decoded
  void validate() const;                           // InvalidArgument if a limit is 0
};

// Decodes JPEG (baseline, progressive, CMYK), PNG (gray, palette, alpha, 16 bit) or WebP.
// The picture is turned upright by its EXIF orientation; transparent parts are laid on white, as newer
// versions of Hugging Face's image processors do; 16-bit samples keep their high byte.
// `name` stands for the picture in messages. Throws BadFormat (truncated, corrupt, not a picture, too
// large) and Unsupported (a format that is not among those above).
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits = {});

// A picture that may have been decoded smaller than it is.
struct ReducedImage {
  Image image;
  std::size_t full_width = 0;  // upright
  std::size_t full_height = 0;
};

// As decode_image(), but of a JPEG both of whose sides are at least four times `side` no more than what it
// takes to bring it to sides of about `side` pixels: a half, a quarter or an eighth of its sides, at least
// twice `side`. That costs a fraction of the time of a large photo, and pixels that were resized from it
// differ a little from those of the whole one, as much as by another good filter. `side` of 0: never.
ReducedImage decode_reduced(std::span<const std::byte> bytes, const std::string& name, std::size_t side,
                            const ImageLimits& limits = {});

// decode_image() for a file. Throws NotFound too; a folder, FIFO or device is InvalidArgument.
Image load_image(const std::filesystem::path& path, const ImageLimits& limits = {});

}  // namespace tandem

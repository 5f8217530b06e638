#include "image/colors.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/fail.h"

namespace tandem::image {
namespace {

void require_factor(const char* what, float factor) {
  if (factor >= 0 && std::isfinite(factor)) return;
  fail(ErrorCode::kInvalidArgument, "{} by a factor of {}: give a number from 0, 1 changes nothing", what,
       factor);
}

// ITU-R 601-2 luma in 16 bits, rounded: what Pillow's convert("L") gives.
std::uint8_t gray_of(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

// From `from` (factor 0) to `to` (1) and beyond, in the single precision and with the cut to whole numbers of
// Pillow's blend.
std::uint8_t blend(std::uint8_t from, std::uint8_t to, float factor) {
  const float mixed =
      static_cast<float>(from) + factor * static_cast<float>(static_cast<int>(to) - static_cast<int>(from));
  if (mixed <= 0) return 0;
  return mixed >= 255 ? 255 : static_cast<std::uint8_t>(mixed);
}

void blend_all(Image& image, std::uint8_t from, float factor) {
  for (std::uint8_t& sample : image.rgb) sample = blend(from, sample, factor);
}

}  // namespace

void adjust_brightness(Image& image, float factor) {
  require_factor("brightness", factor);
  blend_all(image, 0, factor);
}

void adjust_contrast(Image& image, float factor) {
  require_factor("contrast", factor);
  const std::size_t pixels = image.width * image.height;
  if (pixels == 0) return;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < pixels; ++i) sum += gray_of(&image.rgb[3 * i]);
  const double mean = static_cast<double>(sum) / static_cast<double>(pixels);
  blend_all(image, static_cast<std::uint8_t>(mean + 0.5), factor);
}

void adjust_saturation(Image& image, float factor) {
  require_factor("saturation", factor);
  for (std::size_t i = 0; i + 2 < image.rgb.size(); i += 3) {
    std::uint8_t* pixel = &image.rgb[i];
    const std::uint8_t gray = gray_of(pixel);
    for (std::size_t c = 0; c < 3; ++c) pixel[c] = blend(gray, pixel[c], factor);
  }
}

}  // namespace tandem::image

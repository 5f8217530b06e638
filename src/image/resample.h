// Resampling of 8-bit RGB pictures, equal pixel by pixel to Image.resize of Pillow 13.
//
// Free functions, safe to call from many threads at once.
#pragma once

#include <cstddef>

#include "tandem/image.h"

namespace tandem::image {

inline constexpr std::size_t kChannels = 3;  // red, green, blue

// The filters of Pillow, by the numbers that preprocessor_config.json uses.
enum class Filter { kNearest = 0, kLanczos = 1, kBilinear = 2, kBicubic = 3, kBox = 4, kHamming = 5 };

struct Size {
  std::size_t width = 0;
  std::size_t height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

// A rectangle of pixels; right and bottom lie outside.
struct Window {
  std::size_t left = 0;
  std::size_t top = 0;
  std::size_t right = 0;
  std::size_t bottom = 0;
};

// `source` brought to `size`. Filters other than kNearest widen with the scale when shrinking
// (antialiasing), run along the rows first and then along the columns (the other way round where the height
// shrinks much more than the width), and round to 8 bits in between.
// Sides of 0 are InvalidArgument.
Image resample(const Image& source, Size size, Filter filter);

// The part `window` of resample(source, size, filter), without computing the rest. The window must lie
// within `size`, or it is InvalidArgument; an empty one gives a picture with a side of 0.
Image resample(const Image& source, Size size, Filter filter, const Window& window);

}  // namespace tandem::image

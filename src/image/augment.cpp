#include "image/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/fail.h"
#include "image/colors.h"

namespace tandem::image {
namespace {

// Half to even, as Python rounds.
double rounded(double value) { return std::nearbyint(value); }

void require_range(const char* name, double low, double high, double most) {
  if (low > 0 && low <= high && high <= most) return;
  fail(ErrorCode::kInvalidArgument, "augmentation: {} from {} to {}; 0 < from <= to <= {} is wanted", name,
       low, high, most);
}

void require_part(const char* name, double value) {
  if (value >= 0 && value <= 1) return;
  fail(ErrorCode::kInvalidArgument, "augmentation: {} of {}; a number within 0 and 1 is wanted", name, value);
}

Window window_at(std::size_t left, std::size_t top, Size size) {
  return {left, top, left + size.width, top + size.height};
}

// The middle, as much as the aspect ratios allow.
Window middle_of(Size size, const AugmentOptions& options) {
  Size kept = size;
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  if (width / height < options.min_aspect) {
    kept.height = static_cast<std::size_t>(rounded(width / options.min_aspect));
  } else if (width / height > options.max_aspect) {
    kept.width = static_cast<std::size_t>(rounded(height * options.max_aspect));
  }
  kept = {std::clamp<std::size_t>(kept.width, 1, size.width),
          std::clamp<std::size_t>(kept.height, 1, size.height)};
  return window_at((size.width - kept.width) / 2, (size.height - kept.height) / 2, kept);
}

// In any order, for they do not commute.
void jitter_colors(Image& image, const AugmentOptions& options, Random& random) {
  using Adjust = void (*)(Image&, float);
  std::array<std::pair<Adjust, double>, 3> steps = {{{adjust_brightness, options.brightness},
                                                     {adjust_contrast, options.contrast},
                                                     {adjust_saturation, options.saturation}}};
  for (std::size_t left = steps.size(); left > 1; --left)
    std::swap(steps[left - 1], steps[random.below(left)]);
  for (const auto& [adjust, strength] : steps) {
    const auto factor = static_cast<float>(random.uniform(1 - strength, 1 + strength));
    if (strength > 0) adjust(image, factor);
  }
}

}  // namespace

void AugmentOptions::validate() const {
  require_range("areas", min_area, max_area, 1);
  require_range("aspect ratios", min_aspect, max_aspect, 100);
  require_part("brightness", brightness);
  require_part("contrast", contrast);
  require_part("saturation", saturation);
  require_part("flip_probability", flip_probability);
}

Window choose_crop(Size size, const AugmentOptions& options, Random& random) {
  constexpr int kTries = 10;
  const double area = static_cast<double>(size.width) * static_cast<double>(size.height);
  for (int i = 0; i < kTries; ++i) {
    const double wanted = area * random.uniform(options.min_area, options.max_area);
    // By the logarithm, so that wide is as likely as high.
    const double aspect =
        std::exp(random.uniform(std::log(options.min_aspect), std::log(options.max_aspect)));
    const double width = rounded(std::sqrt(wanted * aspect));
    const double height = rounded(std::sqrt(wanted / aspect));
    if (width < 1 || height < 1) continue;
    const Size kept{static_cast<std::size_t>(width), static_cast<std::size_t>(height)};
    if (kept.width > size.width || kept.height > size.height) continue;
    const std::size_t top = random.below(size.height - kept.height + 1);
    const std::size_t left = random.below(size.width - kept.width + 1);
    return window_at(left, top, kept);
  }
  return middle_of(size, options);
}

Image crop(const Image& image, const Window& window) {
  const std::size_t width = window.right - window.left;
  Image part{width, window.bottom - window.top, {}};
  part.rgb.reserve(part.width * part.height * 3);
  for (std::size_t y = window.top; y < window.bottom; ++y) {
    const auto begin = image.rgb.begin() + static_cast<std::ptrdiff_t>((y * image.width + window.left) * 3);
    part.rgb.insert(part.rgb.end(), begin, begin + static_cast<std::ptrdiff_t>(width * 3));
  }
  return part;
}

void flip_horizontally(Image& image) {
  for (std::size_t y = 0; y < image.height; ++y) {
    std::uint8_t* row = image.rgb.data() + y * image.width * 3;
    for (std::size_t x = 0; x < image.width / 2; ++x) {
      std::swap_ranges(row + 3 * x, row + 3 * x + 3, row + 3 * (image.width - 1 - x));
    }
  }
}

Image augment(const Image& image, const AugmentOptions& options, bool may_flip, std::uint64_t seed) {
  options.validate();
  if (image.width == 0 || image.height == 0 || image.rgb.size() != image.width * image.height * 3) {
    fail(ErrorCode::kInvalidArgument,
         "augmentation: a picture of {} × {} with {} samples; pass what load_image() gives", image.width,
         image.height, image.rgb.size());
  }
  Random random(seed);
  Image changed = crop(image, choose_crop({image.width, image.height}, options, random));
  jitter_colors(changed, options, random);
  if (random.uniform(0, 1) < options.flip_probability && may_flip) flip_horizontally(changed);
  return changed;
}

}  // namespace tandem::image

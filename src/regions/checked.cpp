#include "regions/checked.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/fail.h"

namespace tandem::regions {
namespace {

constexpr double kLargestPicture = 2147483647;

void check_finite(const Matrix& values, const char* what, const std::string& place) {
  const auto* end = values.data() + values.size();
  const auto* bad = std::find_if_not(values.data(), end, [](float value) { return std::isfinite(value); });
  if (bad == end) return;
  const auto at = static_cast<std::size_t>(bad - values.data());
  fail(ErrorCode::kBadFormat, "{}: region {}: {} {} is {}, finite numbers are wanted", place,
       at / values.columns() + 1, what, at % values.columns() + 1, *bad);
}

void clip(std::span<float> box, const Regions& regions) {
  const auto width = static_cast<float>(regions.image_width);
  const auto height = static_cast<float>(regions.image_height);
  for (const std::size_t x : {0, 2}) box[x] = std::clamp(box[x], 0.0f, width);
  for (const std::size_t y : {1, 3}) box[y] = std::clamp(box[y], 0.0f, height);
}

}  // namespace

void check_size(std::uint64_t regions, std::uint64_t width, const RegionLimits& limits,
                const std::string& place) {
  if (regions == 0) fail(ErrorCode::kBadFormat, "{}: no regions, at least one is wanted", place);
  if (regions > limits.max_regions) {
    fail(ErrorCode::kBadFormat, "{}: {} regions, at most {} are accepted; raise RegionLimits::max_regions",
         place, regions, limits.max_regions);
  }
  if (width == 0) fail(ErrorCode::kBadFormat, "{}: features of width 0, at least 1 is wanted", place);
  constexpr std::uint64_t kBox = 4;
  std::uint64_t bytes = 0;
  const bool overflow = __builtin_mul_overflow(regions * sizeof(float), width + kBox, &bytes);
  if (overflow || bytes > limits.max_bytes) {
    fail(ErrorCode::kBadFormat,
         "{}: {} regions with {} features each, at most {} bytes are accepted; raise "
         "RegionLimits::max_bytes",
         place, regions, width, limits.max_bytes);
  }
}

std::size_t picture_size(double found, const char* what, const std::string& place) {
  if (found >= 1 && found <= kLargestPicture && found == std::floor(found))
    return static_cast<std::size_t>(found);
  fail(ErrorCode::kBadFormat, "{}: {} of the picture: found {}, a whole number of pixels from 1 is wanted",
       place, what, found);
}

Regions checked(Regions regions, const std::string& place) {
  if (regions.boxes.rows() != regions.features.rows()) {
    fail(ErrorCode::kBadFormat, "{}: {} boxes for {} regions, one for each is wanted", place,
         regions.boxes.rows(), regions.features.rows());
  }
  check_finite(regions.boxes, "number", place);
  check_finite(regions.features, "feature", place);
  for (std::size_t i = 0; i < regions.boxes.rows(); ++i) {
    const auto box = regions.boxes.row(i);
    if (box[2] < box[0] || box[3] < box[1]) {
      fail(ErrorCode::kBadFormat,
           "{}: region {}: the box ({}, {}, {}, {}) ends before it begins; x1, y1, x2, y2 are wanted", place,
           i + 1, box[0], box[1], box[2], box[3]);
    }
    clip(box, regions);
  }
  return regions;
}

}  // namespace tandem::regions

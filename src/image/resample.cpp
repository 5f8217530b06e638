#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "core/fail.h"

namespace tandem::image {
namespace {

constexpr std::size_t kChannels = 3;
constexpr int kFractionBits = 22;  // 8 bits of pixel and 2 of headroom for negative lobes fill an int32
constexpr int kLowBits = 12;       // a weight is split into 16-bit halves at this bit
constexpr std::size_t kBlock = 8;  // 16-bit lanes of the smallest vector register that every x86-64 has

struct Kernel {
  double support;  // half width, in source pixels at scale 1
  double (*value)(double x);
};

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double box(double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }

double bilinear(double x) { return std::max(1.0 - std::abs(x), 0.0); }

double hamming(double x) {
  if (std::abs(x) >= 1.0) return 0.0;
  return sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi));
}

// Keys' cubic convolution with a = -1/2.
double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * kA;
  return 0.0;
}

double lanczos(double x) { return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0; }

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kLanczos:
      return {3.0, lanczos};
    case Filter::kBilinear:
      return {1.0, bilinear};
    case Filter::kBicubic:
      return {2.0, bicubic};
    case Filter::kBox:
      return {0.5, box};
    case Filter::kHamming:
      return {1.0, hamming};
    case Filter::kNearest:
      break;  // has no kernel
  }
  fail(ErrorCode::kInvalidArgument, "resample: unknown filter {}", static_cast<int>(filter));
}

// Which source pixels make each output pixel of one axis, and with what weight.
struct Taps {
  std::size_t stride = 0;            // weights for each output, padded with zeros to whole blocks
  std::vector<std::size_t> first;    // source index of the first weight
  std::vector<std::size_t> count;    // weights that are not padding
  std::vector<std::int32_t> weight;  // outputs × stride, fixed point
};

// Outputs [begin, end) of an axis that goes from `in` to `out` pixels.
Taps make_taps(std::size_t in, std::size_t out, std::size_t begin, std::size_t end, Filter filter) {
  const Kernel kernel = kernel_of(filter);
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  const double shrink = 1.0 / stretch;
  Taps taps;
  const auto widest = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  taps.stride = (std::min(widest, in) + kBlock - 1) / kBlock * kBlock;
  taps.weight.resize((end - begin) * taps.stride);
  std::vector<double> values(widest);
  for (std::size_t i = begin; i < end; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const auto first = static_cast<std::size_t>(std::max(center - support + 0.5, 0.0));
    const std::size_t last = std::min(static_cast<std::size_t>(center + support + 0.5), in);
    double sum = 0.0;
    for (std::size_t k = first; k < last; ++k) {
      values[k - first] = kernel.value((static_cast<double>(k) - center + 0.5) * shrink);
      sum += values[k - first];
    }
    std::int32_t* weight = &taps.weight[(i - begin) * taps.stride];
    for (std::size_t k = 0; k < last - first; ++k) {
      const double fixed = values[k] * (1.0 / sum) * (1 << kFractionBits);
      weight[k] = static_cast<std::int32_t>(fixed + (fixed < 0 ? -0.5 : 0.5));
    }
    taps.first.push_back(first);
    taps.count.push_back(last - first);
  }
  return taps;
}

// A fixed-point sum to 8 bits. Sums are kept modulo 2^32, so that parts of them may overflow.
std::uint8_t to_pixel(std::uint32_t sum) {
  const auto rounded = static_cast<std::int32_t>(sum + (1u << (kFractionBits - 1)));
  return static_cast<std::uint8_t>(std::clamp(rounded >> kFractionBits, 0, 255));
}

// The weights in 16-bit halves, for products that the processor multiplies eight at a time.
struct SplitWeights {
  std::vector<std::int16_t> high;
  std::vector<std::int16_t> low;

  explicit SplitWeights(const std::vector<std::int32_t>& weight) : high(weight.size()), low(weight.size()) {
    for (std::size_t i = 0; i < weight.size(); ++i) {
      high[i] = static_cast<std::int16_t>(weight[i] >> kLowBits);
      low[i] = static_cast<std::int16_t>(weight[i] & ((1 << kLowBits) - 1));
    }
  }
};

// Sum of the products of `blocks` blocks of pixels and weights.
std::uint32_t weighted_sum(const std::int16_t* pixel, const std::int16_t* high, const std::int16_t* low,
                           std::size_t count) {
  std::uint32_t high_sum = 0;
  std::uint32_t low_sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    high_sum += static_cast<std::uint32_t>(pixel[i] * high[i]);
    low_sum += static_cast<std::uint32_t>(pixel[i] * low[i]);
  }
  return (high_sum << kLowBits) + low_sum;
}

// Rows [top, bottom) of `source`, each brought to the outputs of `taps`.
Image resample_rows(const Image& source, const Taps& taps, std::size_t top, std::size_t bottom) {
  const SplitWeights weights(taps.weight);
  Image result{taps.first.size(), bottom - top, {}};
  result.rgb.resize(result.width * result.height * kChannels);
  // One row with its channels apart; behind each, room for the padding of the last weights.
  const std::size_t plane = source.width + taps.stride;
  std::vector<std::int16_t> planes(plane * kChannels);
  std::uint8_t* to = result.rgb.data();
  for (std::size_t y = top; y < bottom; ++y) {
    const std::uint8_t* from = &source.rgb[y * source.width * kChannels];
    for (std::size_t x = 0; x < source.width; ++x) {
      for (std::size_t c = 0; c < kChannels; ++c) planes[c * plane + x] = from[x * kChannels + c];
    }
    for (std::size_t x = 0; x < result.width; ++x) {
      const std::size_t at = x * taps.stride;
      const std::size_t padded = (taps.count[x] + kBlock - 1) / kBlock * kBlock;
      for (std::size_t c = 0; c < kChannels; ++c) {
        *to++ = to_pixel(
            weighted_sum(&planes[c * plane + taps.first[x]], &weights.high[at], &weights.low[at], padded));
      }
    }
  }
  return result;
}

// The outputs of `taps` along the columns; row 0 of `source` is row `offset` of what the taps count in.
Image resample_columns(const Image& source, const Taps& taps, std::size_t offset) {
  Image result{source.width, taps.first.size(), {}};
  const std::size_t samples = source.width * kChannels;
  result.rgb.resize(samples * result.height);
  std::vector<std::uint32_t> sums(samples);
  for (std::size_t y = 0; y < result.height; ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t k = 0; k < taps.count[y]; ++k) {
      const auto weight = static_cast<std::uint32_t>(taps.weight[y * taps.stride + k]);
      const std::uint8_t* from = &source.rgb[(taps.first[y] + k - offset) * samples];
      for (std::size_t i = 0; i < samples; ++i) sums[i] += weight * from[i];
    }
    std::transform(sums.begin(), sums.end(), &result.rgb[y * samples], to_pixel);
  }
  return result;
}

// The source index of each output in [begin, end). Pillow adds up the step, and so its rounding errors.
std::vector<std::size_t> nearest_indices(std::size_t in, std::size_t out, std::size_t begin,
                                         std::size_t end) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  std::vector<std::size_t> indices;
  double position = step * 0.5;
  for (std::size_t i = 0; i < end; ++i, position += step) {
    if (i >= begin) indices.push_back(std::min(static_cast<std::size_t>(position), in - 1));
  }
  return indices;
}

Image pick_nearest(const Image& source, Size size, const Window& window) {
  const auto columns = nearest_indices(source.width, size.width, window.left, window.right);
  const auto rows = nearest_indices(source.height, size.height, window.top, window.bottom);
  Image result{columns.size(), rows.size(), {}};
  result.rgb.reserve(columns.size() * rows.size() * kChannels);
  for (const std::size_t y : rows) {
    for (const std::size_t x : columns) {
      const auto pixel = source.rgb.begin() + static_cast<std::ptrdiff_t>((y * source.width + x) * kChannels);
      result.rgb.insert(result.rgb.end(), pixel, pixel + kChannels);
    }
  }
  return result;
}

void check(const Image& source, Size size, const Window& window) {
  if (source.width == 0 || source.height == 0 || size.width == 0 || size.height == 0) {
    fail(ErrorCode::kInvalidArgument,
         "resample: cannot bring a picture of {} × {} to {} × {}; no side may be 0", source.width,
         source.height, size.width, size.height);
  }
  if (source.rgb.size() != source.width * source.height * kChannels) {
    fail(ErrorCode::kInvalidArgument,
         "resample: a picture of {} × {} has {} bytes, 3 for each pixel are wanted", source.width,
         source.height, source.rgb.size());
  }
  if (window.left > window.right || window.right > size.width || window.top > window.bottom ||
      window.bottom > size.height) {
    fail(ErrorCode::kInvalidArgument, "resample: the window [{}, {}) × [{}, {}) is not within {} × {}",
         window.left, window.right, window.top, window.bottom, size.width, size.height);
  }
}

// A part of `source` as it is.
Image cut(const Image& source, const Window& window) {
  Image result{window.right - window.left, window.bottom - window.top, {}};
  result.rgb.reserve(result.width * result.height * kChannels);
  for (std::size_t y = window.top; y < window.bottom; ++y) {
    const auto row = source.rgb.begin() + static_cast<std::ptrdiff_t>(y * source.width * kChannels);
    result.rgb.insert(result.rgb.end(), row + static_cast<std::ptrdiff_t>(window.left * kChannels),
                      row + static_cast<std::ptrdiff_t>(window.right * kChannels));
  }
  return result;
}

}  // namespace

Image resample(const Image& source, Size size, Filter filter) {
  return resample(source, size, filter, {0, 0, size.width, size.height});
}

Image resample(const Image& source, Size size, Filter filter, const Window& window) {
  check(source, size, window);
  if (window.left == window.right || window.top == window.bottom) {
    return {window.right - window.left, window.bottom - window.top, {}};
  }
  if (filter == Filter::kNearest) return pick_nearest(source, size, window);
  // An axis that keeps its length is not filtered: even a kernel of no width would round.
  const bool filter_rows = source.width != size.width;
  if (source.height == size.height) {
    if (!filter_rows) return cut(source, window);
    const Taps taps = make_taps(source.width, size.width, window.left, window.right, filter);
    return resample_rows(source, taps, window.top, window.bottom);
  }
  const Taps columns = make_taps(source.height, size.height, window.top, window.bottom, filter);
  // The rows that the second pass reads.
  const std::size_t top = columns.first.front();
  const std::size_t bottom = columns.first.back() + columns.count.back();
  if (!filter_rows)
    return resample_columns(cut(source, {window.left, top, window.right, bottom}), columns, top);
  const Taps rows = make_taps(source.width, size.width, window.left, window.right, filter);
  return resample_columns(resample_rows(source, rows, top, bottom), columns, top);
}

}  // namespace tandem::image

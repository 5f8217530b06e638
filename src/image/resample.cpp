#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "core/fail.h"

namespace tandem::image {
namespace {

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
  // Single-precision constants, as in the reference.
  return sinc(x) * (0.54f + 0.46f * std::cos(x * std::numbers::pi));
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

  std::size_t outputs() const { return first.size(); }
  std::size_t begin() const { return first.front(); }
  std::size_t end() const { return first.back() + count.back(); }
  // From now on source index `origin` counts as 0.
  void count_from(std::size_t origin) {
    for (std::size_t& index : first) index -= origin;
  }
};

// A rectangle of a picture that stays where it is.
struct View {
  const std::uint8_t* data;
  std::size_t width;
  std::size_t height;
  std::size_t stride;  // bytes from row to row

  View(const Image& image, const Window& part)
      : data(image.rgb.data() + (part.top * image.width + part.left) * kChannels),
        width(part.right - part.left),
        height(part.bottom - part.top),
        stride(image.width * kChannels) {}
  explicit View(const Image& image) : View(image, {0, 0, image.width, image.height}) {}

  const std::uint8_t* row(std::size_t y) const { return data + y * stride; }
};

Image make_image(std::size_t width, std::size_t height) {
  return {width, height, std::vector<std::uint8_t>(width * height * kChannels)};
}

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
      const double fixed = values[k] / sum * (1 << kFractionBits);
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

// `count` is a multiple of kBlock.
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

// Each row of `source` brought to the outputs of `taps`.
Image resample_rows(const View& source, const Taps& taps) {
  const SplitWeights weights(taps.weight);
  Image result = make_image(taps.outputs(), source.height);
  // One row with its channels apart; behind each, room for the padding of the last weights.
  const std::size_t plane = source.width + taps.stride;
  std::vector<std::int16_t> planes(plane * kChannels);
  std::uint8_t* to = result.rgb.data();
  for (std::size_t y = 0; y < source.height; ++y) {
    const std::uint8_t* from = source.row(y);
    for (std::size_t x = 0; x < source.width; ++x) {
      for (std::size_t c = 0; c < kChannels; ++c) planes[c * plane + x] = from[x * kChannels + c];
    }
    for (std::size_t x = 0; x < taps.outputs(); ++x) {
      const std::size_t at = x * taps.stride;
      const std::size_t padded = (taps.count[x] + kBlock - 1) / kBlock * kBlock;
      for (std::size_t c = 0; c < kChannels; ++c) {
        const std::int16_t* pixels = &planes[c * plane + taps.first[x]];
        *to++ = to_pixel(weighted_sum(pixels, &weights.high[at], &weights.low[at], padded));
      }
    }
  }
  return result;
}

// Each column of `source` brought to the outputs of `taps`.
Image resample_columns(const View& source, const Taps& taps) {
  Image result = make_image(source.width, taps.outputs());
  const std::size_t samples = source.width * kChannels;
  std::vector<std::uint32_t> sums(samples);
  for (std::size_t y = 0; y < taps.outputs(); ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t k = 0; k < taps.count[y]; ++k) {
      const auto weight = static_cast<std::uint32_t>(taps.weight[y * taps.stride + k]);
      const std::uint8_t* from = source.row(taps.first[y] + k);
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
  Image result = make_image(columns.size(), rows.size());
  std::uint8_t* to = result.rgb.data();
  for (const std::size_t y : rows) {
    for (const std::size_t x : columns) {
      to = std::copy_n(&source.rgb[(y * source.width + x) * kChannels], kChannels, to);
    }
  }
  return result;
}

// The order of the passes, as Pillow 13 has it; before, rows always came first. Because of the rounding in
// between, the order shows in some pixels, by a level or two.
bool columns_come_first(const Image& source, Size size) {
  if (source.height <= size.height) return false;
  const std::size_t saved_columns = source.width > size.width ? source.width - size.width : 0;
  return source.height - size.height > 2 * saved_columns;
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
Image copy(const View& source) {
  Image result = make_image(source.width, source.height);
  const std::size_t samples = source.width * kChannels;
  for (std::size_t y = 0; y < source.height; ++y) {
    std::copy_n(source.row(y), samples, &result.rgb[y * samples]);
  }
  return result;
}

Image resample_both(const Image& source, Taps rows, Taps columns, bool columns_first) {
  if (columns_first) {
    const View read(source, {rows.begin(), 0, rows.end(), source.height});
    rows.count_from(rows.begin());
    return resample_rows(View(resample_columns(read, columns)), rows);
  }
  const View read(source, {0, columns.begin(), source.width, columns.end()});
  columns.count_from(columns.begin());
  return resample_columns(View(resample_rows(read, rows)), columns);
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
  // An axis that keeps its length is not filtered.
  const bool filter_rows = source.width != size.width;
  const bool filter_columns = source.height != size.height;
  if (!filter_rows && !filter_columns) return copy(View(source, window));
  Taps rows;
  Taps columns;
  if (filter_rows) rows = make_taps(source.width, size.width, window.left, window.right, filter);
  if (filter_columns) columns = make_taps(source.height, size.height, window.top, window.bottom, filter);
  if (!filter_columns) return resample_rows(View(source, {0, window.top, source.width, window.bottom}), rows);
  if (!filter_rows)
    return resample_columns(View(source, {window.left, 0, window.right, source.height}), columns);
  return resample_both(source, std::move(rows), std::move(columns), columns_come_first(source, size));
}

}  // namespace tandem::image

#include "image/resample.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "core/vectorised.h"
#include "image/taps.h"
#include "image/transpose.h"

namespace tandem::image {
namespace {

constexpr std::size_t kStrip = 32;  // rows that are turned into columns at a time

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

// A fixed-point sum to 8 bits. Sums are kept modulo 2^32, so that parts of them may overflow.
std::uint8_t to_pixel(std::uint32_t sum) {
  const auto rounded = static_cast<std::int32_t>(sum + (1u << (kFractionBits - 1)));
  return static_cast<std::uint8_t>(std::clamp(rounded >> kFractionBits, 0, 255));
}

// A row out of `count` rows of `samples` each, `step` bytes from one to the next: their weighted sums.
// `sums`: room for as many.
TANDEM_VECTORISED void weigh_rows(const std::uint8_t* from, std::size_t step, const std::int32_t* weight,
                                  std::size_t count, std::size_t samples, std::uint32_t* sums,
                                  std::uint8_t* to) {
  std::fill_n(sums, samples, 0);
  std::size_t k = 0;
  for (; k + 4 <= count; k += 4, from += 4 * step) {  // so many at once load and store each sum but once
    const auto a = static_cast<std::uint32_t>(weight[k]), b = static_cast<std::uint32_t>(weight[k + 1]);
    const auto c = static_cast<std::uint32_t>(weight[k + 2]), d = static_cast<std::uint32_t>(weight[k + 3]);
    for (std::size_t i = 0; i < samples; ++i) {
      sums[i] += a * from[i] + b * from[step + i] + c * from[2 * step + i] + d * from[3 * step + i];
    }
  }
  for (; k < count; ++k, from += step) {
    const auto a = static_cast<std::uint32_t>(weight[k]);
    for (std::size_t i = 0; i < samples; ++i) sums[i] += a * from[i];
  }
  for (std::size_t i = 0; i < samples; ++i) to[i] = to_pixel(sums[i]);
}

// Each column of `source` brought to the outputs of `taps`.
Image resample_columns(const View& source, const Taps& taps) {
  Image result = make_image(source.width, taps.outputs());
  const std::size_t samples = source.width * kChannels;
  std::vector<std::uint32_t> sums(samples);
  for (std::size_t y = 0; y < taps.outputs(); ++y) {
    weigh_rows(source.row(taps.first[y]), source.stride, &taps.weight[y * taps.stride], taps.count[y],
               samples, sums.data(), &result.rgb[y * samples]);
  }
  return result;
}

// Each row of `source` brought to the outputs of `taps`: as columns, a strip of the picture at a time, so
// that the samples that are computed alike lie beside one another.
Image resample_rows(const View& source, const Taps& taps) {
  Image result = make_image(taps.outputs(), source.height);
  const std::size_t samples = source.width * kChannels, results = taps.outputs() * kChannels;
  const std::size_t strip = std::min(kStrip, source.height);
  std::vector<std::uint8_t> from(samples * strip), to(results * strip);
  std::array<std::uint32_t, kChannels * kStrip> sums;
  for (std::size_t y = 0; y < source.height; y += strip) {
    const std::size_t rows = std::min(strip, source.height - y), pixel = kChannels * rows;
    transpose(source.row(y), source.stride, rows, samples, from.data(), rows);
    for (std::size_t x = 0; x < taps.outputs(); ++x) {
      weigh_rows(&from[taps.first[x] * pixel], pixel, &taps.weight[x * taps.stride], taps.count[x], pixel,
                 sums.data(), &to[x * pixel]);
    }
    transpose(to.data(), rows, results, rows, &result.rgb[y * results], results);
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

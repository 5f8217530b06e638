#include "image/taps.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/fail.h"

namespace tandem::image {
namespace {

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

}  // namespace

Taps make_taps(std::size_t in, std::size_t out, std::size_t begin, std::size_t end, Filter filter) {
  const Kernel kernel = kernel_of(filter);
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch;
  const double shrink = 1.0 / stretch;
  Taps taps;
  const auto widest = static_cast<std::size_t>(std::ceil(support)) * 2 + 1;
  taps.stride = std::min(widest, in);
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

}  // namespace tandem::image

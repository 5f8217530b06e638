// The weights by which pixels along one axis make those of a resampled picture, as Pillow computes them.
//
// Immutable but for count_from(); for any threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/resample.h"

namespace tandem::image {

// Of a weight: 8 bits of pixel and 2 of headroom for negative lobes fill an int32.
inline constexpr int kFractionBits = 22;

// Which source pixels make each output pixel of one axis, and with what weight.
struct Taps {
  std::size_t stride = 0;            // room for the weights of an output
  std::vector<std::size_t> first;    // source index of the first weight
  std::vector<std::size_t> count;    // weights that are there
  std::vector<std::int32_t> weight;  // outputs × stride, fixed point

  std::size_t outputs() const { return first.size(); }
  std::size_t begin() const { return first.front(); }
  std::size_t end() const { return first.back() + count.back(); }
  // From now on source index `origin` counts as 0.
  void count_from(std::size_t origin) {
    for (std::size_t& index : first) index -= origin;
  }
};

// Outputs [begin, end) of an axis that goes from `in` to `out` pixels. A filter without a kernel (kNearest)
// is InvalidArgument.
Taps make_taps(std::size_t in, std::size_t out, std::size_t begin, std::size_t end, Filter filter);

}  // namespace tandem::image

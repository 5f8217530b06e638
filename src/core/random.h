// Numbers by chance that are the same on every machine: the standard fixes the sequence of its engines, and
// leaves that of its distributions to each library.
//
// For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace tandem {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // From low to high, by the 53 bits that a double holds; below 1 from 0 to 1.
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(engine_() >> 11) * 0x1p-53);
  }

  // From 0 to count - 1, each as likely; 0 where there is nothing to choose. `count`: far below 2^53.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform(0, static_cast<double>(count)));
  }

  // A place by its weight; no weight is below 0. 0 where there are none above it.
  std::size_t pick(std::span<const double> weights) {
    double left = uniform(0, std::accumulate(weights.begin(), weights.end(), 0.0));
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] <= 0) continue;
      last = i;
      left -= weights[i];
      if (left < 0) break;
    }
    return last;
  }

  // 0 to count - 1 in any order (Fisher and Yates).
  std::vector<std::size_t> permutation(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return order;
  }

  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tandem

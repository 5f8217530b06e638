// Numbers by chance that are the same on every machine: the standard fixes the sequence of its engines, and
// leaves that of its distributions to each library.
//
// For one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

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

 private:
  std::mt19937_64 engine_;
};

}  // namespace tandem

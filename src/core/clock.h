// The clock, as a seam: tests put a fake one in its place.
#pragma once

#include <cstdint>

namespace tandem {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds of a clock that never goes back; only differences mean something.
  virtual std::int64_t monotonic_ns() const = 0;
  // Nanoseconds since the Unix epoch.
  virtual std::int64_t wall_ns() const = 0;

  static const Clock& system();
};

}  // namespace tandem

#include "core/clock.h"

#include <chrono>

namespace tandem {
namespace {

template <typename C>
std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(C::now().time_since_epoch()).count();
}

class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return now_ns<std::chrono::steady_clock>(); }
  std::int64_t wall_ns() const override { return now_ns<std::chrono::system_clock>(); }
};

}  // namespace

const Clock& Clock::system() {
  static const SystemClock clock;
  return clock;
}

}  // namespace tandem

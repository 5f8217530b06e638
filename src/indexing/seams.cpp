#include "indexing/seams.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tandem::indexing {

void wait_or_stop(std::int64_t nanoseconds, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, std::chrono::nanoseconds(nanoseconds), [] { return false; });
}

}  // namespace tandem::indexing

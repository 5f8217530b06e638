// What indexing has below it: a test may replace the file layer, the clocks and the opening of galleries.
//
// Plain references and functions; what they name outlives them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/clock.h"
#include "core/file_system.h"
#include "tandem/gallery.h"

namespace tandem::indexing {

// Waits so long, or until a stop is requested.
void wait_or_stop(std::int64_t nanoseconds, const std::stop_token& stop);

struct Seams {
  const FileSystem& files = FileSystem::system();
  const Clock& clock = Clock::system();
  // The gallery that a writer holds, as of its last commit.
  std::function<std::shared_ptr<const Gallery>(const std::filesystem::path& folder)> open_gallery =
      &Gallery::open;
  std::function<void(std::int64_t nanoseconds, const std::stop_token& stop)> wait = &wait_or_stop;
};

}  // namespace tandem::indexing

// Indexing with its seams open: a test may replace the file layer, the clock and the opening of galleries.
//
// Ownership: the seams outlive the call.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "core/clock.h"
#include "core/file_system.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

struct Seams {
  const FileSystem& files = FileSystem::system();
  const Clock& clock = Clock::system();
  // The gallery that a writer holds, as of its last commit.
  std::function<std::shared_ptr<const Gallery>(const std::filesystem::path& folder)> open_gallery =
      &Gallery::open;
};

// As tandem::index_pictures().
IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options,
                           const Seams& seams);

}  // namespace tandem::indexing

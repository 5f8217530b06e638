// Keeping a gallery in step with folders, with its seams open.
//
// For one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "indexing/seams.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

// As tandem::watch_paths().
[[noreturn]] void watch_paths(const std::function<std::unique_ptr<GalleryWriter>()>& open,
                              const ModelPair& models, std::span<const std::filesystem::path> paths,
                              const WatchOptions& options, const Seams& seams);

}  // namespace tandem::indexing

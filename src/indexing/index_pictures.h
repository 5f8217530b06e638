// Indexing with its seams open.
//
// For one thread; the seams outlive the call.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "indexing/seams.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

// As tandem::index_pictures().
IndexReport index_pictures(GalleryWriter& gallery, std::shared_ptr<const Model> model,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options,
                           const Seams& seams);
// As tandem::index_scan().
IndexReport index_scan(GalleryWriter& gallery, std::shared_ptr<const Model> model, const PictureScan& scan,
                       const IndexOptions& options, const Seams& seams);

}  // namespace tandem::indexing

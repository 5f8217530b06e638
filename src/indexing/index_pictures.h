// Indexing with its seams open.
//
// For one thread; the seams outlive the call.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "indexing/seams.h"
#include "tandem/indexing.h"
#include "tandem/regions.h"

namespace tandem::indexing {

// As tandem::index_pictures().
IndexReport index_pictures(GalleryWriter& gallery, const ModelPair& models,
                           std::span<const std::filesystem::path> pictures, const IndexOptions& options,
                           const Seams& seams);
// As tandem::index_scan().
IndexReport index_scan(GalleryWriter& gallery, const ModelPair& models, const PictureScan& scan,
                       const IndexOptions& options, const Seams& seams);

// The tags that the options name; none where they name none. Throws what read_tags() throws.
TagsById tags_of(const IndexOptions& options, const Seams& seams);

}  // namespace tandem::indexing

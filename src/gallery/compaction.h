// Rewriting segments without what was removed.
//
// Free functions, within a writer; nothing exists before the writer commits.
#pragma once

#include <filesystem>
#include <vector>

#include "gallery/catalogue_writer.h"
#include "gallery/segment_writer.h"

namespace tandem::gallery {

// The segments in which something was removed.
std::vector<SegmentRecord> segments_with_holes(CatalogueWriter& catalogue);

// Appends the rows of `segment` that belong to something to other segments, in their order, and takes the
// segment from the catalogue. Throws BadFormat where such rows are damaged.
void rewrite_segment(const FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                     const SegmentRecord& segment, CatalogueWriter& catalogue, SegmentWriter& segments);

}  // namespace tandem::gallery

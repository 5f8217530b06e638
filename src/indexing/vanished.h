// What a gallery has of files that are gone.
//
// Thread-safe but for prune(), which is for the thread of the writer.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "core/file_system.h"
#include "tandem/gallery_writer.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

// Whether there is no file of this name. What is only not known to be there is not gone.
bool is_gone(const FileSystem& files, const std::filesystem::path& path);

// The pictures and skipped files of the gallery below the scan's roots whose files are gone, sorted; but
// none below what the scan could not read.
std::vector<std::filesystem::path> find_vanished(const FileSystem& files, const Gallery& committed,
                                                 const PictureScan& scan);

// Removes them and commits; returns how many went. Those below a root in which not one picture was found
// stay, with a warning in the log.
std::size_t prune(GalleryWriter& gallery, std::span<const std::filesystem::path> vanished,
                  const PictureScan& scan);

}  // namespace tandem::indexing

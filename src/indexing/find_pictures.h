// Pictures in folders, through a file layer that a test may replace.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>
#include <span>

#include "core/file_system.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

// As tandem::scan_paths(). Below a folder that is named:
// - names that begin with a dot are passed over (thumbnails, waste bins and the doubles of other systems);
// - links are followed, and a folder is visited once, whatever names lead to it: by its own name where it
//   has one among the paths, else by that of the first link;
// - a folder that cannot be listed is passed over with a warning in the log, and noted as unread.
// A file that is named is taken whatever it is called.
PictureScan scan_paths(const FileSystem& files, std::span<const std::filesystem::path> paths);

}  // namespace tandem::indexing

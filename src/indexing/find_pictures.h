// Pictures in folders, through a file layer that a test may replace.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/file_system.h"

namespace tandem::indexing {

// As tandem::find_pictures(). Below a folder that is named:
// - names that begin with a dot are passed over (thumbnails, waste bins and the doubles of other systems);
// - links are followed, and a folder is visited once, whatever names lead to it: by its own name where it
//   has one among the paths, else by that of the first link;
// - a folder that cannot be listed is passed over with a warning in the log.
// A file that is named is taken whatever it is called.
std::vector<std::filesystem::path> find_pictures(const FileSystem& files,
                                                 std::span<const std::filesystem::path> paths);

// `path` as galleries name it: absolute, without "." and "..", links kept.
std::filesystem::path absolute_path(const std::filesystem::path& path);

}  // namespace tandem::indexing

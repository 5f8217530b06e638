// The readers of the file formats, by a file system of one's choice. What they give and throw is said at
// RegionFile. Thread-safe: free functions.
#pragma once

#include <filesystem>
#include <memory>

#include "core/file_system.h"
#include "tandem/regions.h"

namespace tandem::regions {

// By the ending.
std::shared_ptr<const RegionFile> open_file(const std::filesystem::path& path, const RegionLimits& limits,
                                            const FileSystem& files);

std::shared_ptr<const RegionFile> open_npz(const std::filesystem::path& path, const RegionLimits& limits,
                                           const FileSystem& files);
std::shared_ptr<const RegionFile> open_tsv(const std::filesystem::path& path, const RegionLimits& limits,
                                           const FileSystem& files);
std::shared_ptr<const RegionFile> open_torch(const std::filesystem::path& path, const RegionLimits& limits,
                                             const FileSystem& files);

TagsById read_tags(const std::filesystem::path& path, const FileSystem& files);

}  // namespace tandem::regions

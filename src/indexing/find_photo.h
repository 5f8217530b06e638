// The photo of which a region file holds the regions.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>

#include "core/file_system.h"
#include "regions/picture_name.h"

namespace tandem::indexing {

// A picture named by the id, or by the file where that has one picture: beside the file, else in `folder`,
// which may be empty for none. Empty where there is no photo, or it cannot be asked for.
std::filesystem::path find_photo(const FileSystem& files, const regions::RegionPlace& place,
                                 const std::filesystem::path& folder);

}  // namespace tandem::indexing

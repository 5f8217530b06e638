// Where a picture of a region file keeps the path of its photo: in its metadata.
//
// Free functions. What reads it is tandem::photo_of().
#pragma once

#include <filesystem>
#include <string>

namespace tandem::gallery {

// The metadata of `picture`, relative to the folder of its file, so that both can be moved together. Both
// must be absolute.
std::string photo_metadata(const std::filesystem::path& picture, const std::filesystem::path& photo);

}  // namespace tandem::gallery

// The names of pictures that are not files of their own: `FILE#ID`, one of the pictures in a region file.
//
// Thread-safe: free functions on values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tandem::regions {

// Where the regions of a picture are. Without an id it is the one picture of its file.
struct RegionPlace {
  std::filesystem::path file;
  std::optional<std::string> id;
};

// Nothing where the name is that of a photo. The first '#' behind the ending of a region file divides.
std::optional<RegionPlace> region_place(const std::filesystem::path& name);

// The file that a picture is in: its path, but for `FILE#ID`.
std::filesystem::path file_of(const std::filesystem::path& name);

}  // namespace tandem::regions

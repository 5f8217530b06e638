// The photos of which region files hold the regions.
//
// For one thread. The file system outlives it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/file_system.h"
#include "regions/picture_name.h"

namespace tandem::indexing {

class PhotoFinder {
 public:
  // `folder` has photos beside those that lie with their region files; empty for none.
  PhotoFinder(const FileSystem& files, std::filesystem::path folder);

  // A picture named by the id, or by the file where that has one picture: beside the file, else in the
  // folder of photos. Empty where there is no photo, or it cannot be asked for. A folder is listed once: a
  // photo that comes later is not found.
  std::filesystem::path find(const regions::RegionPlace& place);

 private:
  // In lower case, as some file systems do not tell cases apart.
  using Names = std::unordered_set<std::string>;

  // Nothing where the folder cannot be listed.
  const std::optional<Names>& names_in(const std::filesystem::path& folder);

  const FileSystem& files_;
  std::filesystem::path folder_;
  std::map<std::filesystem::path, std::optional<Names>> listed_;
};

}  // namespace tandem::indexing

// Region files that are open, each opened once.
//
// Const methods may be called from many threads.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "regions/picture_name.h"
#include "tandem/regions.h"

namespace tandem::regions {

class RegionLibrary {
 public:
  explicit RegionLibrary(const RegionLimits& limits = {}) : limits_(limits) {}

  // The names of all pictures in a file: FILE itself where there is one, else FILE#ID of each.
  std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& file) const;

  // Throws what RegionFile throws; InvalidArgument where a file has many pictures and the place no id.
  Regions read(const RegionPlace& place) const;
  std::uint64_t content_hash(const RegionPlace& place) const;

 private:
  std::shared_ptr<const RegionFile> open(const std::filesystem::path& file) const;

  RegionLimits limits_;
  mutable std::mutex mutex_;
  mutable std::map<std::filesystem::path, std::shared_ptr<const RegionFile>> open_;
};

}  // namespace tandem::regions

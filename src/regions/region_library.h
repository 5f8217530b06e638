// Region files that are open, each opened once, and the object tags of their pictures.
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
  RegionLibrary() = default;
  // `tags`, which must outlive it, are what Regions::tags gets.
  explicit RegionLibrary(const TagsById* tags) : tags_(tags) {}

  bool has_tags() const { return tags_ != nullptr && !tags_->empty(); }

  // The names of all pictures in a file: FILE itself where there is one, else FILE#ID of each.
  std::vector<std::filesystem::path> pictures_in(const std::filesystem::path& file) const;

  // Throws what RegionFile throws; InvalidArgument where a file has many pictures and the place no id.
  Regions read(const RegionPlace& place) const;
  // Of the regions and their tags.
  std::uint64_t content_hash(const RegionPlace& place) const;

 private:
  std::shared_ptr<const RegionFile> open(const std::filesystem::path& file) const;

  const std::string* tags_of(const RegionPlace& place, const RegionFile& file) const;

  const TagsById* tags_ = nullptr;
  mutable std::mutex mutex_;
  mutable std::map<std::filesystem::path, std::shared_ptr<const RegionFile>> open_;
};

}  // namespace tandem::regions

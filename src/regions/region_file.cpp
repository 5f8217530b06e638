#include "core/fail.h"
#include "regions/formats.h"
#include "tandem/regions.h"

namespace tandem {

void RegionLimits::validate() const {
  if (max_regions > 0 && max_bytes > 0) return;
  fail(ErrorCode::kInvalidArgument,
       "RegionLimits: max_regions is {}, max_bytes is {}; both must be at least 1", max_regions, max_bytes);
}

bool is_region_file(const std::filesystem::path& path) {
  const auto ending = path.extension();
  return ending == ".npz" || ending == ".tsv" || ending == ".pt";
}

std::shared_ptr<const RegionFile> RegionFile::open(const std::filesystem::path& path,
                                                   const RegionLimits& limits) {
  return regions::open_file(path, limits, FileSystem::system());
}

TagsById read_tags(const std::filesystem::path& path) {
  return regions::read_tags(path, FileSystem::system());
}

namespace regions {

std::shared_ptr<const RegionFile> open_file(const std::filesystem::path& path, const RegionLimits& limits,
                                            const FileSystem& files) {
  limits.validate();
  if (path.extension() == ".npz") return open_npz(path, limits, files);
  if (path.extension() == ".tsv") return open_tsv(path, limits, files);
  if (path.extension() == ".pt") return open_torch(path, limits, files);
  fail(ErrorCode::kInvalidArgument, "{}: not a file of regions by its name; .npz, .tsv or .pt is wanted",
       path.string());
}

}  // namespace regions
}  // namespace tandem

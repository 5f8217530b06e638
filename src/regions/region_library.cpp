#include "regions/region_library.h"

#include "core/fail.h"

namespace tandem {
namespace regions {
namespace {

namespace fs = std::filesystem;

std::string id_of(const RegionPlace& place, const RegionFile& file) {
  if (place.id) return *place.id;
  const std::vector<std::string>& ids = file.ids();
  if (ids.size() == 1) return ids.front();
  fail(ErrorCode::kInvalidArgument, "{}: has {} pictures; name one of them, as {}#{}", place.file.string(),
       ids.size(), place.file.string(), ids.front());
}

}  // namespace

std::shared_ptr<const RegionFile> RegionLibrary::open(const fs::path& file) const {
  // Under the lock: what one thread opens, others wait for.
  const std::lock_guard lock(mutex_);
  auto& opened = open_[file];
  if (!opened) opened = RegionFile::open(file, limits_);
  return opened;
}

std::vector<fs::path> RegionLibrary::pictures_in(const fs::path& file) const {
  const auto opened = open(file);
  if (opened->ids().size() == 1) return {file};
  std::vector<fs::path> names;
  for (const std::string& id : opened->ids()) names.push_back(file.string() + "#" + id);
  return names;
}

Regions RegionLibrary::read(const RegionPlace& place) const {
  const auto file = open(place.file);
  return file->read(id_of(place, *file));
}

std::uint64_t RegionLibrary::content_hash(const RegionPlace& place) const {
  const auto file = open(place.file);
  return file->content_hash(id_of(place, *file));
}

}  // namespace regions

Picture load_picture(const std::filesystem::path& path, const ImageLimits& limits) {
  const auto place = regions::region_place(path);
  if (!place) return load_image(path, limits);
  return regions::RegionLibrary().read(*place);
}

}  // namespace tandem

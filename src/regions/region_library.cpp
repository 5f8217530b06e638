#include "regions/region_library.h"

#include <span>

#include "core/fail.h"
#include "core/hash.h"

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
  if (!opened) opened = RegionFile::open(file);
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
  Regions regions = file->read(id_of(place, *file));
  if (const std::string* tags = tags_of(place, *file)) regions.tags = *tags;
  return regions;
}

std::uint64_t RegionLibrary::content_hash(const RegionPlace& place) const {
  const auto file = open(place.file);
  const std::uint64_t hash = file->content_hash(id_of(place, *file));
  const std::string* tags = tags_of(place, *file);
  if (tags == nullptr) return hash;
  const std::string both = std::to_string(hash) + " " + *tags;
  return checksum64(std::as_bytes(std::span(both)));
}

const std::string* RegionLibrary::tags_of(const RegionPlace& place, const RegionFile& file) const {
  if (tags_ == nullptr) return nullptr;
  std::vector<std::string> names = {id_of(place, file)};
  if (!place.id) {
    for (const auto& name : {place.file.stem(), place.file.filename(), place.file}) names.push_back(name);
  }
  for (const std::string& name : names) {
    if (const auto found = tags_->find(name); found != tags_->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace regions

Picture load_picture(const std::filesystem::path& path, const ImageLimits& limits, const TagsById& tags) {
  const auto place = regions::region_place(path);
  if (!place) return load_image(path, limits);
  return regions::RegionLibrary(&tags).read(*place);
}

}  // namespace tandem

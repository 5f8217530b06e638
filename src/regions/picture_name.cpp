#include "regions/picture_name.h"

#include "tandem/regions.h"

namespace tandem::regions {

std::optional<RegionPlace> region_place(const std::filesystem::path& name) {
  if (is_region_file(name)) return RegionPlace{name, {}};
  const std::string& text = name.native();
  for (std::size_t at = text.find('#'); at != text.npos; at = text.find('#', at + 1)) {
    const std::filesystem::path file = text.substr(0, at);
    if (is_region_file(file)) return RegionPlace{file, text.substr(at + 1)};
  }
  return std::nullopt;
}

std::filesystem::path file_of(const std::filesystem::path& name) {
  const auto place = region_place(name);
  return place ? place->file : name;
}

}  // namespace tandem::regions

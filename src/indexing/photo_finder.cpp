#include "indexing/photo_finder.h"

#include <utility>

#include "core/ascii.h"
#include "core/fail.h"

namespace tandem::indexing {
namespace {

namespace fs = std::filesystem;

bool is_there(const FileSystem& files, const fs::path& path) {
  try {
    return files.status(path).kind == FileKind::kRegular;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

PhotoFinder::PhotoFinder(const FileSystem& files, fs::path folder)
    : files_(files), folder_(std::move(folder)) {}

fs::path PhotoFinder::find(const regions::RegionPlace& place) {
  const fs::path name = place.id ? fs::path(*place.id) : place.file.stem();
  // An id may be any text, and must not lead elsewhere.
  if (name.empty() || name != name.filename()) return {};
  for (const fs::path& where : {place.file.parent_path(), folder_}) {
    if (where.empty()) continue;
    const std::optional<Names>& names = names_in(where);
    for (const char* ending : {".jpg", ".jpeg", ".png", ".webp", ".JPG"}) {
      const std::string photo = name.string() + ending;
      if (names && !names->contains(ascii_lower(photo))) continue;
      if (is_there(files_, where / photo)) return absolute_path(where / photo);
    }
  }
  return {};
}

const std::optional<PhotoFinder::Names>& PhotoFinder::names_in(const fs::path& folder) {
  const auto [entry, is_new] = listed_.try_emplace(folder);
  if (!is_new) return entry->second;
  try {
    Names names;
    for (const fs::path& name : files_.list(folder)) names.insert(ascii_lower(name.string()));
    entry->second = std::move(names);
  } catch (const Error&) {
    // Its files can be asked for one by one all the same.
  }
  return entry->second;
}

}  // namespace tandem::indexing

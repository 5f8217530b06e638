#include "indexing/find_photo.h"

#include <string>

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

fs::path find_photo(const FileSystem& files, const regions::RegionPlace& place, const fs::path& folder) {
  const fs::path name = place.id ? fs::path(*place.id) : place.file.stem();
  // An id may be any text, and must not lead elsewhere.
  if (name.empty() || name != name.filename()) return {};
  for (const fs::path& where : {place.file.parent_path(), folder}) {
    if (where.empty()) continue;
    for (const char* ending : {".jpg", ".jpeg", ".png", ".webp", ".JPG"}) {
      const fs::path photo = where / (name.string() + ending);
      if (is_there(files, photo)) return absolute_path(photo);
    }
  }
  return {};
}

}  // namespace tandem::indexing

#include "gallery/creation.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/fail.h"
#include "gallery/catalogue.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

// What stands in a folder in which a gallery was being created: no pictures yet, so it can begin anew.
bool is_half_created(const std::vector<fs::path>& names) {
  const std::string catalogue = kCatalogueName;
  return std::all_of(names.begin(), names.end(), [&](const fs::path& name) {
    return name == kLockName || name == catalogue || name == catalogue + "-journal" ||
           name == std::string(kManifestName) + ".new";
  });
}

}  // namespace

bool has_manifest(const FileSystem& files, const fs::path& folder) {
  return files.status(folder / kManifestName).kind != FileKind::kMissing;
}

void require_creatable(const FileSystem& files, const fs::path& folder) {
  const FileKind kind = files.status(folder).kind;
  if (kind == FileKind::kMissing) return;
  if (kind != FileKind::kFolder) {
    fail(ErrorCode::kInvalidArgument, "{}: is a file, the folder of a gallery is wanted", folder.string());
  }
  const auto names = files.list(folder);
  if (is_half_created(names)) return;
  for (const auto& name : names) {
    if (name == kCatalogueName) {
      fail(ErrorCode::kNotFound, "{}: is a damaged gallery: {} is missing; restore it from a copy",
           folder.string(), kManifestName);
    }
  }
  fail(ErrorCode::kInvalidArgument,
       "{}: has other files in it ({}, ...), an empty or missing folder is wanted", folder.string(),
       names.front().string());
}

void create_gallery(FileSystem& files, const fs::path& folder, const Manifest& manifest) {
  const fs::path catalogue = folder / kCatalogueName;
  files.remove(folder / (std::string(kCatalogueName) + "-journal"));
  files.remove(catalogue);
  {
    Database database(catalogue, Database::Mode::kCreate, files.sqlite_vfs());
    CatalogueContents empty;
    empty.manifest = manifest;
    create_catalogue(database, empty);
  }
  files.sync_folder(folder.parent_path());
  replace_file(files, folder / kManifestName, format_manifest(manifest));
}

}  // namespace tandem::gallery

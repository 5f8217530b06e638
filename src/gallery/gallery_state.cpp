#include <system_error>

#include "core/fail.h"
#include "core/log.h"
#include "gallery/gallery.h"

namespace tandem::gallery {

namespace fs = std::filesystem;

fs::path gallery_folder(const fs::path& folder) {
  std::error_code error;
  const fs::path normal = normal_path(folder);
  const fs::path real = fs::weakly_canonical(normal, error);
  return error ? normal : normal_path(real);
}

fs::path require_catalogue_file(const FileSystem& files, const fs::path& folder) {
  fs::path path = folder / kCatalogueName;
  if (files.status(path).kind == FileKind::kMissing) {
    fail(ErrorCode::kNotFound, "{}: is missing; restore it from a copy", path.string());
  }
  return path;
}

std::unique_ptr<Database> open_catalogue(const FileSystem& files, const fs::path& folder) {
  const fs::path path = require_catalogue_file(files, folder);
  try {
    auto database = std::make_unique<Database>(path, Database::Mode::kRead, files.sqlite_vfs());
    database->integer("SELECT count(*) FROM sqlite_schema");  // the first read takes locks
    return database;
  } catch (const NotWritable& error) {
    // A read-only medium may not even allow locks. Nobody can write there, so none are needed; but an
    // interrupted commit could not be undone there.
    const fs::path journal = folder / (std::string(kCatalogueName) + "-journal");
    if (files.status(journal).kind != FileKind::kMissing) throw;
    log(LogLevel::kInfo, "{}; reading it as a file that nobody writes", error.what());
    return std::make_unique<Database>(path, Database::Mode::kReadImmutable, files.sqlite_vfs());
  }
}

GalleryState read_gallery_state(const FileSystem& files, const fs::path& folder) {
  GalleryState state;
  state.folder = gallery_folder(folder);
  state.manifest = read_manifest(files, state.folder);
  const auto database = open_catalogue(files, state.folder);
  const ReadTransaction transaction(*database);
  require_catalogue(*database);
  state.contents = read_catalogue(*database);
  check_contents(state.contents, state.manifest, [&](const std::string& problem) {
    fail(ErrorCode::kBadFormat, "{}/{}; the gallery is damaged, restore it from a copy",
         state.folder.string(), problem);
  });
  // Within the transaction: until it ends, no writer can commit that these files are not needed.
  for (const SegmentRecord& segment : state.contents.segments) {
    state.segments.emplace(segment.id, SegmentReader(files, state.folder, state.manifest, segment));
  }
  return state;
}

std::uint64_t bytes_of_files(const FileSystem& files, const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& name : files.list(folder)) bytes += files.status(folder / name).bytes;
  return bytes;
}

}  // namespace tandem::gallery

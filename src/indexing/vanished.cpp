#include "indexing/vanished.h"

#include <algorithm>

#include "core/log.h"
#include "gallery/paths.h"
#include "regions/picture_name.h"

namespace tandem::indexing {
namespace {

namespace fs = std::filesystem;

bool is_within_any(const fs::path& path, std::span<const fs::path> folders) {
  return std::ranges::any_of(folders, [&](const fs::path& one) { return gallery::is_within(path, one); });
}

bool has_pictures(const fs::path& root, const PictureScan& scan) {
  // What lies below a folder sorts behind it, side by side.
  const auto first = std::ranges::lower_bound(scan.pictures, root);
  return first != scan.pictures.end() && gallery::is_within(*first, root);
}

}  // namespace

bool is_gone(const FileSystem& files, const fs::path& path) {
  try {
    return files.status(regions::file_of(path)).kind == FileKind::kMissing;
  } catch (const Error&) {
    return false;
  }
}

std::vector<fs::path> find_vanished(const FileSystem& files, const Gallery& committed,
                                    const PictureScan& scan) {
  std::vector<fs::path> vanished;
  const auto is_found = [&](const fs::path& path) { return std::ranges::binary_search(scan.pictures, path); };
  const auto look_at = [&](const fs::path& path) {
    const fs::path file = regions::file_of(path);
    // A file in the scan stands there by its pictures, or as it is where it could not be opened.
    const bool is_known_file = file != path && !is_found(file);
    if (is_within_any(file, scan.roots) && !is_within_any(file, scan.unread) && !is_found(path) &&
        (is_known_file || is_gone(files, path))) {
      vanished.push_back(path);
    }
  };
  for (const ImageRecord& image : committed.images()) look_at(image.path);
  for (const SkippedRecord& skip : committed.skipped()) look_at(skip.path);
  std::ranges::sort(vanished);
  return vanished;
}

std::size_t prune(GalleryWriter& gallery, std::span<const fs::path> vanished, const PictureScan& scan) {
  std::vector<fs::path> empty_roots = scan.roots;
  std::erase_if(empty_roots, [&](const fs::path& root) { return has_pictures(root, scan); });
  std::size_t pruned = 0;
  for (const fs::path& path : vanished) {
    if (is_within_any(path, empty_roots)) continue;
    gallery.remove(path);
    ++pruned;
  }
  if (pruned > 0) gallery.commit();
  for (const fs::path& root : empty_roots) {
    const bool has_some =
        std::ranges::any_of(vanished, [&](const fs::path& path) { return gallery::is_within(path, root); });
    if (!has_some) continue;
    log(LogLevel::kWarning,
        "{}: not one picture is found there, so those in the gallery are kept: is its drive mounted? If they "
        "are gone for good, remove the folder from the gallery",
        root.string());
  }
  return pruned;
}

}  // namespace tandem::indexing

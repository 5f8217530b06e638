#include "gallery/gallery_repair.h"

#include <unordered_map>

#include "core/fail.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "gallery/catalogue_checksum.h"
#include "gallery/gallery.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

// Before a lock is put into a folder that holds no gallery.
fs::path require_gallery(const FileSystem& files, const fs::path& folder) {
  fs::path normal = gallery_folder(folder);
  if (files.status(normal / kCatalogueName).kind == FileKind::kMissing) read_manifest(files, normal);
  return normal;
}

}  // namespace

GalleryRepair::GalleryRepair(FileSystem& files, const fs::path& folder, std::stop_token stop)
    : files_(files), lock_(lock_gallery(files, require_gallery(files, folder))) {
  damage_ = find_damage(files, folder, true, std::move(stop));
  if (!damage_.readable) {
    fail(ErrorCode::kBadFormat, "{}; that cannot be repaired: restore the file from a copy, or index anew",
         damage_.report.problems.front());
  }
  for (const auto& [id, segment] : damage_.segments) {
    if (segment.fault == SegmentFault::kUnreadable) fail(ErrorCode::kBackend, "{}", segment.problem);
  }
}

std::vector<DamagedPicture> GalleryRepair::damaged_pictures() const {
  const CatalogueContents& contents = damage_.contents;
  std::set<ImageId> with_captions;
  for (const auto& caption : contents.captions) {
    if (damage_.captions.contains(caption.record.id)) with_captions.insert(caption.record.image);
  }
  std::unordered_map<std::int64_t, fs::path> folders;
  for (const auto& folder : contents.folders) {
    folders[folder.id] = absolute_folder(damage_.folder, folder.folder);
  }
  std::map<ImageId, DamagedPicture> pictures;
  for (const auto& image : contents.images) {
    const ImageId id = image.record.id;
    if (!damage_.images.contains(id) && !with_captions.contains(id)) continue;
    DamagedPicture& picture = pictures[id];
    picture.record = image.record;
    picture.record.path = folders.at(image.folder) / image.name;
    picture.vectors = damage_.images.contains(id);
    picture.captions_damaged = with_captions.contains(id);
  }
  for (const auto& caption : contents.captions) {
    const auto picture = pictures.find(caption.record.image);
    if (picture != pictures.end()) picture->second.captions.push_back(caption.record);
  }
  std::vector<DamagedPicture> list;
  for (auto& [id, picture] : pictures) list.push_back(std::move(picture));
  return list;
}

std::vector<std::string> GalleryRepair::mend_files() {
  if (damage_.report.problems.empty()) return {};
  remove_leftovers();
  mend_manifest();
  mend_segments();
  mend_catalogue();
  remove_snapshot();
  return std::move(done_);
}

void GalleryRepair::note(const std::string& file, const std::string& what) {
  done_.push_back(printable_utf8(fmt::format("{}: {}", (damage_.folder / file).string(), what)));
}

void GalleryRepair::remove_leftovers() {
  for (const fs::path& name : files_.list(damage_.folder)) {
    if (name.string().ends_with(".new") || name.string().ends_with(".new-journal")) {
      files_.remove(damage_.folder / name);
    }
  }
}

void GalleryRepair::mend_manifest() {
  if (!damage_.manifest_file) return;
  replace_file(files_, damage_.folder / kManifestName, format_manifest(damage_.manifest));
  note(kManifestName, "restored from the copy in the catalogue");
}

void GalleryRepair::mend_segments() {
  for (auto& [id, segment] : damage_.segments) {
    if (segment.fault == SegmentFault::kNone) continue;
    const std::string name = segment_file_name(segment.record.kind, id);
    const fs::path aside = rewrite_segment(files_, damage_.folder, segment);
    if (!aside.empty()) note(name, "is of another gallery, moved to " + aside.string());
    if (segment.fault != SegmentFault::kNew) {
      note(name, fmt::format("written anew, {} of its {} rows are there", segment.rows, segment.record.rows));
    }
    segment = inspect_segment(files_, damage_.folder, damage_.manifest, segment.record);
  }
}

void GalleryRepair::seal_holes() {
  for (const std::size_t i : damage_.holes) {
    Extent& hole = damage_.contents.holes[i].extent;
    hole.checksum = checksum64(*damage_.segments.at(hole.segment).bytes(hole));
  }
}

// Beside the old file, which stays as it is until the new one takes its place at once.
void GalleryRepair::mend_catalogue() {
  if (!damage_.catalogue && !damage_.checksum && damage_.holes.empty()) return;
  seal_holes();
  CatalogueContents& contents = damage_.contents;
  if (!damage_.catalogue) ++contents.state.generation;
  const fs::path path = damage_.folder / kCatalogueName;
  const fs::path made = path.string() + ".new";
  {
    Database database(made, Database::Mode::kCreate, files_.sqlite_vfs());
    create_catalogue(database, contents);
  }
  if (!damage_.losses.empty()) keep_damaged_catalogue();
  // A journal that is still there was of no use when the old file was read, and must not be taken for one of
  // the new.
  files_.remove(path.string() + "-journal");
  files_.sync_folder(damage_.folder);
  files_.rename(made, path);
  files_.sync_folder(damage_.folder);
  Database database(path, Database::Mode::kRead, files_.sqlite_vfs());
  update_catalogue_checksum(files_, damage_.folder, damage_.manifest, database, contents.state.generation);
  if (damage_.catalogue) {
    note(kCatalogueName,
         fmt::format("written anew with {} pictures, {} captions and {} skipped files that could be read",
                     contents.images.size(), contents.captions.size(), contents.skipped.size()));
  } else {
    note(kCatalogueName, damage_.holes.empty() ? "written anew, nothing in it was lost"
                                               : "written anew with the checksums of removed rows");
  }
}

void GalleryRepair::keep_damaged_catalogue() {
  const std::string aside = std::string(kCatalogueName) + ".damaged";
  Database database(damage_.folder / kCatalogueName, Database::Mode::kReadImmutable, files_.sqlite_vfs());
  replace_file(files_, damage_.folder / aside, database.file_bytes());
  note(kCatalogueName, "the damaged file is kept as " + aside);
}

void GalleryRepair::remove_snapshot() {
  const bool exists = files_.status(damage_.folder / kSnapshotName).kind != FileKind::kMissing;
  if (!exists || (!damage_.snapshot && !damage_.catalogue)) return;
  files_.remove(damage_.folder / kSnapshotName);
  files_.sync_folder(damage_.folder);
  note(kSnapshotName, "removed; it is built anew from the embeddings");
}

}  // namespace tandem::gallery

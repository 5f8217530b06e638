#include "datasets/picture_files.h"

#include "core/fail.h"
#include "tandem/regions.h"

namespace tandem::datasets {
namespace {

namespace fs = std::filesystem;

}  // namespace

PictureFiles::PictureFiles(const FileSystem& files, const fs::path& images, const fs::path& beside)
    : files_(files) {
  if (!images.empty()) {
    folders_ = {absolute_path(images)};
  } else {
    folders_ = {absolute_path(beside), absolute_path(beside / "images")};
  }
}

PictureFiles PictureFiles::of_regions(const FileSystem& files, const fs::path& regions) {
  PictureFiles found(files);
  const fs::path place = absolute_path(regions);
  if (files.status(place).kind != FileKind::kFolder) {
    found.add_regions(place);
    return found;
  }
  for (const fs::path& name : files.list(place)) {
    if (is_region_file(name)) found.add_regions(place / name);
  }
  if (found.region_names_.empty()) {
    fail(ErrorCode::kInvalidArgument, "{}: has no region files, .npz, .tsv or .pt; name their folder",
         place.string());
  }
  return found;
}

void PictureFiles::add_regions(const fs::path& file) {
  // A .npz has one picture, with the id that its name says: thousands of them need not be opened.
  if (file.extension() == ".npz") {
    if (files_.status(file).kind == FileKind::kMissing) {
      fail(ErrorCode::kNotFound, "{}: no such file; check the path of the regions", file.string());
    }
    add_region(file.stem().string(), file);
    return;
  }
  const std::vector<std::string> ids = RegionFile::open(file)->ids();
  for (const std::string& id : ids) {
    add_region(id, ids.size() == 1 ? file : fs::path(file.string() + "#" + id));
  }
}

void PictureFiles::add_region(const std::string& id, const fs::path& name) {
  const auto [known, is_new] = region_names_.emplace(id, name);
  if (is_new) return;
  fail(ErrorCode::kInvalidArgument, "{}: picture {} is in {} too; leave one of them out", name.string(), id,
       known->second.string());
}

PictureFile PictureFiles::find(const PictureName& picture) const {
  if (folders_.empty()) {
    for (const std::string& id : {picture.id, picture.name.string(), picture.name.stem().string()}) {
      if (const auto found = region_names_.find(id); found != region_names_.end())
        return {found->second, true};
    }
    return {picture.name, false};
  }
  for (const fs::path& folder : folders_) {
    for (const fs::path& relative : {picture.folder / picture.name, picture.name, picture.name.filename()}) {
      const fs::path file = absolute_path(folder / relative);
      if (files_.status(file).kind == FileKind::kRegular) return {file, true};
    }
  }
  return {absolute_path(folders_.front() / picture.folder / picture.name), false};
}

}  // namespace tandem::datasets

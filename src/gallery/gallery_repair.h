// Mending the files of a gallery, as far as that goes without a model.
//
// For one thread; it holds the gallery's lock for as long as it lives.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "gallery/damage.h"

namespace tandem::gallery {

// A picture of which something has to be computed anew.
struct DamagedPicture {
  ImageRecord record;
  bool vectors = false;  // its own: embedding or tokens; else only those of captions
  std::vector<CaptionRecord> captions;
  bool captions_damaged = false;
};

class GalleryRepair {
 public:
  // Takes a deep look. `files` must outlive the repair. Throws NotFound, Busy, VersionTooNew, Cancelled;
  // BadFormat where too much is lost to repair, Backend where a file cannot be read.
  GalleryRepair(FileSystem& files, const std::filesystem::path& folder, std::stop_token stop = {});

  const VerifyReport& found() const { return damage_.report; }
  // What the manifest says of the model.
  GalleryInfo info() const { return gallery_info(damage_.manifest, damage_.folder); }
  // By id. Their rows do not fit their checksums, before and after mend_files().
  std::vector<DamagedPicture> damaged_pictures() const;

  // Makes a gallery that readers and writers can open, with all that is intact in it. Nothing that is still
  // good goes, at whatever instant it ends. Returns what was done, a line for each file; none where there
  // is nothing to do. To be called once.
  std::vector<std::string> mend_files();

 private:
  void note(const std::string& file, const std::string& what);
  void remove_leftovers();
  void mend_manifest();
  void mend_segments();
  void mend_catalogue();
  void keep_damaged_catalogue();
  void seal_holes();
  void remove_snapshot();

  FileSystem& files_;
  std::unique_ptr<FileLock> lock_;
  Damage damage_;
  std::vector<std::string> done_;
};

}  // namespace tandem::gallery

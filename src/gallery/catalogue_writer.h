// Changing the catalogue: one transaction from the first change to the commit.
//
// For one thread at a time. What is not committed is rolled back by the destructor.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "gallery/catalogue.h"
#include "gallery/hole_rows.h"

namespace tandem::gallery {

class CatalogueWriter {
 public:
  // `path` is that of the catalogue in the gallery's folder, which must be normal; `vfs` as
  // FileSystem::sqlite_vfs() says. Throws BadFormat, VersionTooNew, Backend.
  CatalogueWriter(const std::filesystem::path& path, const char* vfs);

  const StateRecord& state() const { return state_; }
  const HoleRows& hole_rows() const { return hole_rows_; }
  Manifest manifest() { return read_manifest_copy(database_); }  // the catalogue's copy
  std::vector<SegmentRecord> segments() { return read_segments(database_); }
  bool has_changes() const { return database_.in_transaction(); }

  std::optional<StoredImage> find_image(const std::filesystem::path& path);
  std::optional<StoredSkip> find_skip(const std::filesystem::path& path);
  std::optional<StoredImage> find_image(ImageId id);
  // Those that are `path` or lie below it.
  std::vector<StoredImage> images_within(const std::filesystem::path& path);

  // Each begins a transaction if there is none.
  // Adds a record under the next id; its folder and name come from `path`. No picture has this path yet.
  ImageId add_image(const std::filesystem::path& path, StoredImage image);
  CaptionId add_caption(StoredCaption caption);
  void add_skip(const std::filesystem::path& path, StoredSkip skip);
  // Changes a picture's row, and its path. No other picture has this path.
  void update_image(const std::filesystem::path& path, StoredImage image);
  // Takes a picture's captions away from it, and gives them to another, with their ids.
  std::vector<StoredCaption> take_captions(ImageId image);
  void give_captions(std::vector<StoredCaption> captions, ImageId image);
  // Removes a picture and its captions; their rows become holes.
  void remove_image(const StoredImage& image);
  void remove_skip(const std::filesystem::path& path);
  void remove_skips_within(const std::filesystem::path& path);

  // The pictures and captions with rows in a segment, in the order of these rows.
  std::vector<StoredImage> images_in(const SegmentRecord& segment);
  std::vector<StoredCaption> captions_in(const SegmentRecord& segment);
  std::vector<HoleRecord> holes() { return read_holes(database_); }
  // Writes a row anew, under its id.
  void replace(const StoredImage& image) { insert(image, "REPLACE"); }
  void replace(const StoredCaption& caption) { insert(caption, "REPLACE"); }
  // Forgets a segment to which nothing but holes belongs.
  void remove_segment(const SegmentRecord& segment);
  void remove_empty_folders();
  // Gives the space of removed rows back to the file system. Only between transactions.
  void vacuum() { database_.execute("VACUUM"); }

  // Makes all changes exist. `grown` are the segments with more rows than before.
  void commit(const std::vector<SegmentRecord>& grown, std::int64_t next_segment);
  void roll_back() noexcept { database_.roll_back(); }
  // Brings catalogue.checksum up to date. Only between transactions.
  void update_checksum(FileSystem& files, const Manifest& manifest);

 private:
  void begin();
  std::int64_t folder_id(const std::filesystem::path& folder);
  std::vector<std::int64_t> folders_within(const std::filesystem::path& path);
  Row key_of(const std::filesystem::path& path) const;
  template <typename Record>
  std::optional<Record> find(Statement& statement, const Row& key);
  template <typename Record>
  void insert(const Record& record, const char* verb = "INSERT");
  void add_hole(SegmentKind kind, const Extent& extent);
  template <typename Record>
  std::vector<Record> select(const std::string& sql, const Row& parameters);

  std::filesystem::path gallery_;
  Database database_;
  StateRecord state_;
  HoleRows hole_rows_;
  Statement find_image_;
  Statement find_skip_;
  Statement find_folder_;
  Statement remove_skip_;
};

}  // namespace tandem::gallery

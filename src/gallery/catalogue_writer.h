// Changing the catalogue: one transaction from the first change to the commit.
//
// For one thread at a time. What is not committed is rolled back by the destructor.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "gallery/catalogue.h"

namespace tandem::gallery {

class CatalogueWriter {
 public:
  // `path` is that of the catalogue in the gallery's folder, which must be normal. Throws BadFormat,
  // VersionTooNew, Backend.
  explicit CatalogueWriter(const std::filesystem::path& path);

  const StateRecord& state() const { return state_; }
  std::vector<SegmentRecord> segments() { return read_segments(database_); }
  bool has_changes() const { return database_.in_transaction(); }

  std::optional<StoredImage> find_image(const std::filesystem::path& path);
  std::optional<StoredSkip> find_skip(const std::filesystem::path& path);
  bool has_image(ImageId id);
  // Those that are `path` or lie below it.
  std::vector<StoredImage> images_within(const std::filesystem::path& path);

  // Each begins a transaction if there is none.
  // Adds a record under the next id; its folder and name come from `path`. No picture has this path yet.
  ImageId add_image(const std::filesystem::path& path, StoredImage image);
  CaptionId add_caption(StoredCaption caption);
  void add_skip(const std::filesystem::path& path, StoredSkip skip);
  // Removes a picture and its captions; their rows become holes.
  void remove_image(const StoredImage& image);
  void remove_skip(const std::filesystem::path& path);
  void remove_skips_within(const std::filesystem::path& path);

  // Makes all changes exist. `grown` are the segments with more rows than before.
  void commit(const std::vector<SegmentRecord>& grown, std::int64_t next_segment);
  void roll_back() noexcept { database_.roll_back(); }

 private:
  void begin();
  std::int64_t folder_id(const std::filesystem::path& folder);
  std::vector<std::int64_t> folders_within(const std::filesystem::path& path);
  Row key_of(const std::filesystem::path& path) const;
  template <typename Record>
  std::optional<Record> find(Statement& statement, const Row& key);
  template <typename Record>
  void insert(const Record& record, const char* verb = "INSERT");
  void add_hole(const Extent& extent);

  std::filesystem::path gallery_;
  Database database_;
  StateRecord state_;
  Statement find_image_;
  Statement find_skip_;
  Statement find_folder_;
  Statement remove_skip_;
};

}  // namespace tandem::gallery

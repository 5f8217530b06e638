// What a run does to a gallery, and the account of it: every picture passes here once.
//
// For one thread; writer, options and clock must outlive the ledger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "core/clock.h"
#include "indexing/outcome.h"
#include "tandem/indexing.h"

namespace tandem::indexing {

class Ledger {
 public:
  // `skipped_before`: the gallery's skipped records. `total`: how many pictures will come.
  Ledger(GalleryWriter& gallery, const IndexOptions& options, const Clock& clock,
         const std::vector<SkippedRecord>& skipped_before, std::size_t total);

  // Adds or replaces a picture.
  void add(const NewImage& image);
  // The same for one with the content of picture `source`. Throws what GalleryWriter::add_copy() throws.
  void add_copy(ImageId source, const ImageRecord& record);
  // A picture has another path; or the same one, and its file another time.
  void move(const ImageRecord& record);
  void refresh(const ImageRecord& record);
  // A picture could not be read. One that the gallery holds is kept where the system failed: that may pass.
  void fail(const std::filesystem::path& path, const FileStamp& stamp, const Failure& failure);
  // Leaves a picture alone that the gallery knows as it is; one that was skipped counts as skipped again.
  void leave(const std::filesystem::path& path);
  void count_captions(std::size_t added) { report_.captions += added; }

  // Whether a picture was skipped because the system failed, so that it may be tried again.
  bool may_have_mended(const std::filesystem::path& path) const;

  // Commits what the calls above changed; they do so themselves every IndexOptions::commit_every pictures.
  void commit();
  // The same if the last commit is IndexOptions::commit_seconds ago.
  void commit_if_late();

  const IndexProgress& progress() const { return progress_; }
  IndexReport report() const;

 private:
  // Before a picture is added: is there another with its path?
  bool replaces(const std::filesystem::path& path) const { return gallery_.find(path).has_value(); }
  void count_skipped(const SkippedRecord& record);
  void changed();
  void advance();
  double seconds_since(std::int64_t then_ns) const;

  GalleryWriter& gallery_;
  const IndexOptions& options_;
  const Clock& clock_;
  std::map<std::filesystem::path, SkippedRecord> skipped_before_;
  std::int64_t begun_ns_;
  std::int64_t committed_ns_;
  std::size_t uncommitted_ = 0;  // pictures and skips
  std::size_t computed_ = 0;
  IndexProgress progress_;
  IndexReport report_;
};

}  // namespace tandem::indexing

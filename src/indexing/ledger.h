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
#include "tandem/indexing.h"

namespace tandem::indexing {

class Ledger {
 public:
  // `skipped_before`: the gallery's skipped records. `total`: how many pictures will come.
  Ledger(GalleryWriter& gallery, const IndexOptions& options, const Clock& clock,
         const std::vector<SkippedRecord>& skipped_before, std::size_t total);

  // Adds or replaces a picture.
  void add(const NewImage& image);
  void skip(const SkippedRecord& record);
  // Leaves a picture alone that the gallery knows as it is; one that was skipped counts as skipped again.
  void leave(const std::filesystem::path& path);
  void count_captions(std::size_t added) { report_.captions += added; }

  // Commits what the calls above changed; they do so themselves every IndexOptions::commit_every pictures.
  void commit();

  const IndexProgress& progress() const { return progress_; }
  IndexReport report() const;

 private:
  void count_skipped(const SkippedRecord& record);
  void changed();
  void advance();
  double seconds() const;

  GalleryWriter& gallery_;
  const IndexOptions& options_;
  const Clock& clock_;
  std::map<std::filesystem::path, SkippedRecord> skipped_before_;
  std::int64_t begun_ns_;
  std::size_t uncommitted_ = 0;  // pictures and skips
  IndexProgress progress_;
  IndexReport report_;
};

}  // namespace tandem::indexing

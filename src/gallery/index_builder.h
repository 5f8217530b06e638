// Builds the index snapshot of a gallery that is being written: when asked, and on a thread of its own once
// the pictures have changed so much that searches scan too many of them exactly.
//
// For one thread at a time; files must outlive the builder, whose destructor waits for its thread. What is
// built is derived data: a failure on the thread is logged, and searches are right without.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "core/file_system.h"
#include "gallery/manifest.h"
#include "gallery/records.h"

namespace tandem::gallery {

class IndexBuilder {
 public:
  // A snapshot is behind with `min_changes` pictures added and removed since, if they are more than a
  // quarter of all: so the work over a gallery's growth is a few times that of its last build.
  static constexpr double kMaxChangedShare = 0.25;

  // Left to the library, an index is exact up to `max_exact_rows`.
  IndexBuilder(FileSystem& files, std::filesystem::path folder, const Manifest& manifest,
               std::size_t min_changes, std::size_t max_exact_rows);

  // Waits for a build that runs, then builds, or removes what a gallery that has become small no longer
  // needs. Throws what reading the gallery and writing the file throw.
  void build();
  // Begins to build if the snapshot is behind the committed `state` and no build runs.
  void build_if_behind(const StateRecord& state);

 private:
  // The index string for so many pictures.
  std::string spec_for(std::size_t images) const;
  bool is_behind(const StateRecord& state) const;
  void build_from_files() const;

  FileSystem& files_;
  std::filesystem::path folder_;
  Manifest manifest_;
  std::size_t min_changes_;
  std::size_t max_exact_rows_;
  std::atomic<bool> running_ = false;
  std::jthread thread_;  // last: joined before the rest goes
};

}  // namespace tandem::gallery

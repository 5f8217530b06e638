// A folder that goes with the command, however it ends but by SIGKILL.
//
// For one thread; one object lives at a time, within the life of a StopOnSignal.
#pragma once

#include <filesystem>

#include "cli/signals.h"

namespace tandem::cli {

class TemporaryFolder {
 public:
  // Below $TMPDIR, or /tmp. Throws Backend.
  TemporaryFolder();
  ~TemporaryFolder() { remove(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  static std::filesystem::path create();
  static void remove(const std::filesystem::path& path) noexcept;

  std::filesystem::path path_;
  TidyUp tidy_up_;
};

}  // namespace tandem::cli

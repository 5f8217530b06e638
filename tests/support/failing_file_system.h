// A file system that fails where a test wants it to, also below SQLite.
//
// Thread-safe while nobody says anew what fails.
#pragma once

#include <atomic>
#include <cstddef>
#include <limits>

#include "support/watched_file_system.h"

namespace tandem {

enum class Failure {
  kOneCall,     // an error of the medium, which does not come again
  kFullDisk,    // a call that needs space fails, and so do all such calls after it
  kDeadDevice,  // this and every later call fails
};

class FailingFileSystem final : private FileWatch, public WatchedFileSystem {
 public:
  FailingFileSystem() : WatchedFileSystem(static_cast<FileWatch&>(*this)) {}

  // Counts the calls from now on; call number `number` (from 0), of those that this failure concerns, fails.
  void fail_at(std::size_t number, Failure failure = Failure::kOneCall) {
    failure_ = failure;
    fail_at_ = number;
    calls_ = 0;
  }
  void fail_never() { fail_at(std::numeric_limits<std::size_t>::max()); }
  // Whether a call has failed.
  bool has_failed() const { return calls_ > fail_at_; }

 private:
  static bool needs_space(FileAction action) {
    return action == FileAction::kOpen || action == FileAction::kWrite || action == FileAction::kTruncate ||
           action == FileAction::kSync || action == FileAction::kCreateFolder ||
           action == FileAction::kRename || action == FileAction::kSyncFolder || action == FileAction::kLock;
  }

  Verdict before(const FileCall& call) override {
    if (failure_ == Failure::kFullDisk && !needs_space(call.action)) return Verdict::kPass;
    const std::size_t number = calls_++;
    const bool fails = failure_ == Failure::kOneCall ? number == fail_at_ : number >= fail_at_;
    if (!fails) return Verdict::kPass;
    return failure_ == Failure::kFullDisk ? Verdict::kDiskFull : Verdict::kInputOutputError;
  }

  Failure failure_ = Failure::kOneCall;
  std::size_t fail_at_ = std::numeric_limits<std::size_t>::max();
  std::atomic<std::size_t> calls_ = 0;
};

}  // namespace tandem

// The real files, with a record of everything that changes them, SQLite's changes too.
//
// Thread-safe; take the record when nobody writes.
#pragma once

#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "support/watched_file_system.h"

namespace tandem {

// A FileCall that owns its bytes; of the calls that change or sync something, kLock and kUnlock not among
// them: what they write is recorded as such.
struct FileEvent {
  FileAction action;
  std::filesystem::path path;
  std::filesystem::path to = {};
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes = {};
};

class RecordingFileSystem final : private FileWatch, public WatchedFileSystem {
 public:
  RecordingFileSystem() : WatchedFileSystem(static_cast<FileWatch&>(*this)) {}

  const std::vector<FileEvent>& events() const { return events_; }

 private:
  Verdict before(const FileCall&) override { return Verdict::kPass; }

  void after(const FileCall& call) override {
    switch (call.action) {
      case FileAction::kStatus:
      case FileAction::kList:
      case FileAction::kMap:
      case FileAction::kRead:
      case FileAction::kSize:
        return;
      case FileAction::kLock:
      case FileAction::kUnlock:
        record({FileAction::kOpen, call.path});
        record({FileAction::kTruncate, call.path});
        record({FileAction::kWrite, call.path, {}, 0, FileSystem::system().read(call.path, 1 << 20)});
        return;
      default:
        record({call.action, call.path, call.to, call.offset, {call.bytes.begin(), call.bytes.end()}});
    }
  }

  void record(FileEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }

  std::mutex mutex_;
  std::vector<FileEvent> events_;
};

}  // namespace tandem

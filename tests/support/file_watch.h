// Seeing every call that the library, and SQLite below it, makes of the file layer.
//
// The watch is called from every thread that uses files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace tandem {

enum class FileAction {
  kStatus,
  kList,
  kMap,
  kRead,
  kOpen,  // for writing, or by SQLite; creates the file where it is missing
  kSize,
  kWrite,
  kTruncate,
  kSync,
  kCreateFolder,
  kRename,
  kRemove,
  kSyncFolder,
  kLock,
  kUnlock,  // cannot fail
};

struct FileCall {
  FileAction action;
  std::filesystem::path path;
  std::filesystem::path to = {};          // of a rename
  std::uint64_t offset = 0;               // of a write; the new size of a truncation
  std::span<const std::byte> bytes = {};  // of a write
};

// What becomes of a call.
enum class Verdict { kPass, kInputOutputError, kDiskFull };

class FileWatch {
 public:
  virtual ~FileWatch() = default;
  // Before a call is made. One that does not pass is not made and fails; a write fails half-way.
  virtual Verdict before(const FileCall& call) = 0;
  // After it was made.
  virtual void after(const FileCall&) {}
};

}  // namespace tandem

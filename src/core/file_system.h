// The one layer through which the library touches files: tests put a failing one in its place.
//
// Thread-safe as the system calls below it are. All failures are Errors that name the path: NotFound
// where the path is missing, InvalidArgument where its kind is wrong, Backend for everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

enum class FileKind { kMissing, kRegular, kFolder, kOther };

struct FileStatus {
  FileKind kind = FileKind::kMissing;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since the Unix epoch
  // Together they tell whether two paths are one file.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
};

// A read-only memory map; empty files give an empty span.
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  virtual std::span<const std::byte> bytes() const = 0;
  // Gives the memory behind a part of bytes() back to the system, which reads the file again where that part
  // is looked at again.
  virtual void release(std::span<const std::byte>) const {}
};

// A file open for writing at any offset.
class WritableFile {
 public:
  virtual ~WritableFile() = default;  // closes; unsynced data may be lost
  virtual std::uint64_t size() const = 0;
  virtual void append(std::span<const std::byte> bytes) = 0;
  virtual void truncate(std::uint64_t size) = 0;
  // On the medium when it returns.
  virtual void sync() = 0;
};

// An advisory exclusive lock, released by the destructor, which empties the file, or by the end of the
// process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual FileStatus status(const std::filesystem::path& path) const = 0;  // follows links
  virtual std::shared_ptr<const MappedFile> map(const std::filesystem::path& path) const = 0;
  // The whole file, which must be regular and of at most `max_bytes` (else BadFormat).
  virtual std::vector<std::byte> read(const std::filesystem::path& path, std::uint64_t max_bytes) const = 0;
  // Opens for appending; creates the file where it is missing.
  virtual std::unique_ptr<WritableFile> open_append(const std::filesystem::path& path) = 0;
  virtual void create_folder(const std::filesystem::path& path) = 0;  // parents too; there already is fine
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual void remove(const std::filesystem::path& path) = 0;  // missing is fine
  // Makes creations, renames and removals in a folder durable.
  virtual void sync_folder(const std::filesystem::path& path) = 0;
  // Names in a folder, sorted.
  virtual std::vector<std::filesystem::path> list(const std::filesystem::path& path) const = 0;
  // Locks `path` (created where missing) and writes `holder` into it. Throws Busy with the first line of
  // what the file says of its holder.
  virtual std::unique_ptr<FileLock> lock(const std::filesystem::path& path, std::string_view holder) = 0;
  // By which of its VFSes SQLite reaches these files; null: by its default one.
  virtual const char* sqlite_vfs() const { return nullptr; }

  static FileSystem& system();
};

// Replaces `path` by a file with these bytes: after a crash there is the old or the new one, whole.
void replace_file(FileSystem& files, const std::filesystem::path& path, std::span<const std::byte> bytes);
void replace_file(FileSystem& files, const std::filesystem::path& path, std::string_view text);
// The same of what `write` appends, piece by piece; where it throws, the old file stays.
void replace_file(FileSystem& files, const std::filesystem::path& path,
                  const std::function<void(WritableFile&)>& write);

// `path` as galleries name it: absolute, without "." and "..", links kept.
std::filesystem::path absolute_path(const std::filesystem::path& path);

// Creates the folder `path`, absolute, and those above it that are missing; durable when it returns.
void create_folders(FileSystem& files, const std::filesystem::path& path);

}  // namespace tandem

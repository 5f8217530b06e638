// The real files under the eyes of a watch, those of SQLite too.
//
// Thread-safe if the watch is.
#pragma once

#include "core/file_system.h"
#include "support/file_watch.h"
#include "support/watched_vfs.h"

namespace tandem {

class WatchedFileSystem : public FileSystem {
 public:
  // `watch` must outlive it.
  explicit WatchedFileSystem(FileWatch& watch) : watch_(watch), vfs_(watch) {}

  FileStatus status(const std::filesystem::path& path) const override;
  std::shared_ptr<const MappedFile> map(const std::filesystem::path& path) const override;
  std::vector<std::byte> read(const std::filesystem::path& path, std::uint64_t max_bytes) const override;
  std::unique_ptr<WritableFile> open_append(const std::filesystem::path& path) override;
  void create_folder(const std::filesystem::path& path) override;
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override;
  void remove(const std::filesystem::path& path) override;
  void sync_folder(const std::filesystem::path& path) override;
  std::vector<std::filesystem::path> list(const std::filesystem::path& path) const override;
  std::unique_ptr<FileLock> lock(const std::filesystem::path& path, std::string_view holder) override;
  const char* sqlite_vfs() const override { return vfs_.name(); }

 private:
  FileSystem& real_ = FileSystem::system();
  FileWatch& watch_;
  WatchedVfs vfs_;
};

}  // namespace tandem

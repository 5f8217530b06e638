// Files that exist in memory only, for reading. Each mapping is a heap block of the exact size, so that
// the address sanitizer sees a read beyond it.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "core/fail.h"
#include "core/file_system.h"

namespace tandem {

class MemoryFiles final : public FileSystem {
 public:
  void set(const std::filesystem::path& path, std::string bytes) { files_[path] = std::move(bytes); }

  FileStatus status(const std::filesystem::path& path) const override {
    FileStatus status;
    if (const auto found = files_.find(path); found != files_.end()) {
      status.kind = FileKind::kRegular;
      status.bytes = found->second.size();
    } else if (std::ranges::any_of(files_, [&](const auto& f) { return f.first.parent_path() == path; })) {
      status.kind = FileKind::kFolder;
    }
    return status;
  }

  std::shared_ptr<const MappedFile> map(const std::filesystem::path& path) const override {
    return std::make_shared<HeapFile>(bytes_of(path));
  }

  std::vector<std::byte> read(const std::filesystem::path& path, std::uint64_t max_bytes) const override {
    std::vector<std::byte> bytes = bytes_of(path);
    if (bytes.size() > max_bytes) fail(ErrorCode::kBadFormat, "{}: too large", path.string());
    return bytes;
  }

  std::unique_ptr<WritableFile> open_append(const std::filesystem::path&) override { refuse(); }
  void create_folder(const std::filesystem::path&) override { refuse(); }
  void rename(const std::filesystem::path&, const std::filesystem::path&) override { refuse(); }
  void remove(const std::filesystem::path&) override { refuse(); }
  void sync_folder(const std::filesystem::path&) override { refuse(); }
  std::vector<std::filesystem::path> list(const std::filesystem::path&) const override { refuse(); }
  std::unique_ptr<FileLock> lock(const std::filesystem::path&, std::string_view) override { refuse(); }

 private:
  class HeapFile final : public MappedFile {
   public:
    explicit HeapFile(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) { bytes_.shrink_to_fit(); }
    std::span<const std::byte> bytes() const override { return bytes_; }

   private:
    std::vector<std::byte> bytes_;
  };

  std::vector<std::byte> bytes_of(const std::filesystem::path& path) const {
    const auto found = files_.find(path);
    if (found == files_.end()) fail(ErrorCode::kNotFound, "{}: not there", path.string());
    const auto bytes = std::as_bytes(std::span(found->second));
    return {bytes.begin(), bytes.end()};
  }
  [[noreturn]] static void refuse() { throw std::logic_error("MemoryFiles are for reading"); }

  std::map<std::filesystem::path, std::string> files_;
};

}  // namespace tandem

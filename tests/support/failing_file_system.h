// A file system that fails where a test wants it to.
//
// For one thread at a time.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

#include "core/fail.h"
#include "core/file_system.h"

namespace tandem {

// Passes everything on to the real files, counts the calls that change something, and lets one of them
// fail: by an error, or, for appending, after half of the bytes (a full disk).
class FailingFileSystem final : public FileSystem {
 public:
  // Counts calls from now on; call number `number` (from 0) fails.
  void fail_at(std::size_t number) {
    calls_ = 0;
    fail_at_ = number;
  }
  void fail_never() { fail_at(std::numeric_limits<std::size_t>::max()); }
  std::size_t calls() const { return calls_; }

  FileStatus status(const std::filesystem::path& path) const override { return real_.status(path); }
  std::shared_ptr<const MappedFile> map(const std::filesystem::path& path) const override {
    return real_.map(path);
  }
  std::vector<std::byte> read(const std::filesystem::path& path, std::uint64_t max_bytes) const override {
    return real_.read(path, max_bytes);
  }
  std::unique_ptr<WritableFile> open_append(const std::filesystem::path& path) override {
    count(path, "open");
    return std::make_unique<File>(*this, path, real_.open_append(path));
  }
  void create_folder(const std::filesystem::path& path) override {
    count(path, "create the folder");
    real_.create_folder(path);
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    count(from, "rename");
    real_.rename(from, to);
  }
  void remove(const std::filesystem::path& path) override {
    count(path, "remove");
    real_.remove(path);
  }
  void sync_folder(const std::filesystem::path& path) override {
    count(path, "sync");
    real_.sync_folder(path);
  }
  std::vector<std::filesystem::path> list(const std::filesystem::path& path) const override {
    return real_.list(path);
  }
  std::unique_ptr<FileLock> lock(const std::filesystem::path& path, std::string_view holder) override {
    count(path, "lock");
    return real_.lock(path, holder);
  }

 private:
  class File final : public WritableFile {
   public:
    File(FailingFileSystem& files, std::filesystem::path path, std::unique_ptr<WritableFile> real)
        : files_(files), path_(std::move(path)), real_(std::move(real)) {}
    std::uint64_t size() const override { return real_->size(); }
    void append(std::span<const std::byte> bytes) override {
      if (files_.calls_ == files_.fail_at_) real_->append(bytes.first(bytes.size() / 2));
      files_.count(path_, "write");
      real_->append(bytes);
    }
    void truncate(std::uint64_t size) override {
      files_.count(path_, "truncate");
      real_->truncate(size);
    }
    void sync() override {
      files_.count(path_, "sync");
      real_->sync();
    }

   private:
    FailingFileSystem& files_;
    std::filesystem::path path_;
    std::unique_ptr<WritableFile> real_;
  };

  void count(const std::filesystem::path& path, const char* action) {
    if (calls_++ == fail_at_) fail(ErrorCode::kBackend, "{}: cannot {}: made to fail", path.string(), action);
  }

  FileSystem& real_ = FileSystem::system();
  std::size_t calls_ = 0;
  std::size_t fail_at_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace tandem

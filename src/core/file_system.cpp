#include "core/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/fail.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_errno(const fs::path& path, const char* action, int error) {
  const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kBackend;
  const char* mend = error == ENOSPC || error == EDQUOT  ? "; free some space and try again"
                     : error == EACCES || error == EPERM ? "; check its permissions"
                     : code == ErrorCode::kNotFound      ? "; check the path"
                                                         : "";
  fail(code, "{}: cannot {}: {}{}", path.string(), action, std::strerror(error), mend);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// O_NONBLOCK: opening a FIFO must not hang before its kind is known.
Descriptor open_or_fail(const fs::path& path, int flags, const char* action) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0644);
  if (fd < 0) fail_errno(path, action, errno);
  return Descriptor(fd);
}

FileStatus to_status(const struct stat& from) {
  FileStatus status;
  status.kind = S_ISREG(from.st_mode)   ? FileKind::kRegular
                : S_ISDIR(from.st_mode) ? FileKind::kFolder
                                        : FileKind::kOther;
  status.bytes = static_cast<std::uint64_t>(from.st_size);
  status.modified_ns = from.st_mtim.tv_sec * 1'000'000'000LL + from.st_mtim.tv_nsec;
  status.device = from.st_dev;
  status.inode = from.st_ino;
  return status;
}

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t bytes;
};

OpenFile open_regular(const fs::path& path) {
  Descriptor descriptor = open_or_fail(path, O_RDONLY, "open");
  struct stat status;
  if (::fstat(descriptor.get(), &status) != 0) fail_errno(path, "read the status of", errno);
  if (S_ISDIR(status.st_mode)) {
    fail(ErrorCode::kInvalidArgument, "{}: is a folder, a file is wanted", path.string());
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kInvalidArgument, "{}: is a FIFO, socket or device, a regular file is wanted",
         path.string());
  }
  return {std::move(descriptor), static_cast<std::uint64_t>(status.st_size)};
}

class PosixMappedFile final : public MappedFile {
 public:
  explicit PosixMappedFile(const fs::path& path) {
    const OpenFile file = open_regular(path);
    size_ = file.bytes;
    if (size_ == 0) return;
    void* address = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.descriptor.get(), 0);
    if (address == MAP_FAILED) fail_errno(path, "map", errno);
    data_ = static_cast<const std::byte*>(address);
  }
  PosixMappedFile(const PosixMappedFile&) = delete;
  PosixMappedFile& operator=(const PosixMappedFile&) = delete;
  ~PosixMappedFile() override {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  }
  std::span<const std::byte> bytes() const override { return {data_, size_}; }
  void release(std::span<const std::byte> part) const override {
    if (part.empty()) return;
    static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t before = reinterpret_cast<std::uintptr_t>(part.data()) % page;
    // Advice: where it is not taken, the memory stays.
    ::madvise(const_cast<std::byte*>(part.data()) - before, before + part.size(), MADV_DONTNEED);
  }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

class PosixWritableFile final : public WritableFile {
 public:
  explicit PosixWritableFile(const fs::path& path)
      : path_(path), descriptor_(open_or_fail(path, O_RDWR | O_CREAT | O_APPEND, "open for writing")) {}

  std::uint64_t size() const override {
    struct stat status;
    if (::fstat(descriptor_.get(), &status) != 0) fail_errno(path_, "read the status of", errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  void append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        fail_errno(path_, "write", errno);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) fail_errno(path_, "truncate", errno);
  }

  void sync() override {
    if (::fsync(descriptor_.get()) != 0) fail_errno(path_, "sync", errno);
  }

 private:
  fs::path path_;
  Descriptor descriptor_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}
  // Emptied, so that what stands in it speaks of a holder that is there or that crashed.
  ~PosixFileLock() override { [[maybe_unused]] const int result = ::ftruncate(descriptor_.get(), 0); }

 private:
  Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
 public:
  FileStatus status(const fs::path& path) const override {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return {};
      fail_errno(path, "read the status of", errno);
    }
    return to_status(status);
  }

  std::shared_ptr<const MappedFile> map(const fs::path& path) const override {
    return std::make_shared<PosixMappedFile>(path);
  }

  std::vector<std::byte> read(const fs::path& path, std::uint64_t max_bytes) const override {
    const OpenFile file = open_regular(path);
    if (file.bytes > max_bytes) {
      fail(ErrorCode::kBadFormat, "{}: has {} bytes, at most {} are accepted", path.string(), file.bytes,
           max_bytes);
    }
    std::vector<std::byte> bytes(file.bytes);
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = ::read(file.descriptor.get(), bytes.data() + done, bytes.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail_errno(path, "read", errno);
      if (got == 0) break;  // it shrank meanwhile: what is there is what it is now
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  }

  std::unique_ptr<WritableFile> open_append(const fs::path& path) override {
    return std::make_unique<PosixWritableFile>(path);
  }

  void create_folder(const fs::path& path) override {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) fail_errno(path, "create the folder", error.value());
  }

  void rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail_errno(from, "rename", errno);
  }

  void remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_errno(path, "remove", errno);
  }

  void sync_folder(const fs::path& path) override {
    const Descriptor descriptor = open_or_fail(path, O_RDONLY | O_DIRECTORY, "open");
    if (::fsync(descriptor.get()) != 0) fail_errno(path, "sync", errno);
  }

  std::vector<fs::path> list(const fs::path& path) const override {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
    if (!folder) fail_errno(path, "list", errno);
    std::vector<fs::path> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) fail_errno(path, "list", errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  std::unique_ptr<FileLock> lock(const fs::path& path, std::string_view holder) override {
    Descriptor descriptor = open_or_fail(path, O_RDWR | O_CREAT, "open the lock");
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail_errno(path, "lock", errno);
      char text[256] = {};
      const ssize_t size = ::pread(descriptor.get(), text, sizeof text - 1, 0);
      const std::string_view first_line = std::string_view(text).substr(0, std::string_view(text).find('\n'));
      fail(ErrorCode::kBusy, "{}: held by {}; wait for it to end", path.string(),
           size > 0 ? first_line : "another process");
    }
    if (::ftruncate(descriptor.get(), 0) != 0) fail_errno(path, "write", errno);
    if (::pwrite(descriptor.get(), holder.data(), holder.size(), 0) < 0) fail_errno(path, "write", errno);
    return std::make_unique<PosixFileLock>(std::move(descriptor));
  }
};

}  // namespace

FileSystem& FileSystem::system() {
  static PosixFileSystem files;
  return files;
}

void replace_file(FileSystem& files, const fs::path& path, const std::function<void(WritableFile&)>& write) {
  fs::path temporary = path;
  temporary += ".new";
  files.remove(temporary);  // left by a crash
  try {
    const auto file = files.open_append(temporary);
    write(*file);
    file->sync();
  } catch (...) {
    files.remove(temporary);
    throw;
  }
  files.rename(temporary, path);
  files.sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void replace_file(FileSystem& files, const fs::path& path, std::span<const std::byte> bytes) {
  replace_file(files, path, [bytes](WritableFile& file) { file.append(bytes); });
}

void replace_file(FileSystem& files, const fs::path& path, std::string_view text) {
  replace_file(files, path, std::as_bytes(std::span(text)));
}

void create_folders(FileSystem& files, const fs::path& path) {
  if (files.status(path).kind == FileKind::kFolder) return;
  create_folders(files, path.parent_path());
  files.create_folder(path);
  files.sync_folder(path.parent_path());
}

fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(path, error).lexically_normal();
  if (error)
    fail(ErrorCode::kInvalidArgument, "\"{}\": no absolute path: {}", path.string(), error.message());
  // "folder/" and "folder" are one.
  return absolute.has_filename() || absolute == absolute.root_path() ? absolute : absolute.parent_path();
}

}  // namespace tandem

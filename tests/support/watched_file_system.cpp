#include "support/watched_file_system.h"

#include <type_traits>
#include <utility>

#include "core/fail.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

void require_pass(const FileCall& call, Verdict verdict) {
  if (verdict == Verdict::kPass) return;
  fail(ErrorCode::kBackend, "{}: call {} was made to fail: {}", call.path.string(),
       static_cast<int>(call.action),
       verdict == Verdict::kDiskFull ? "No space left on device" : "Input/output error");
}

// Makes a call by `work` if the watch lets it pass.
template <typename Work>
std::invoke_result_t<Work> make_call(FileWatch& watch, const FileCall& call, Work work) {
  require_pass(call, watch.before(call));
  if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
    work();
    watch.after(call);
  } else {
    auto result = work();
    watch.after(call);
    return result;
  }
}

class WatchedWritableFile final : public WritableFile {
 public:
  WatchedWritableFile(FileWatch& watch, fs::path path, std::unique_ptr<WritableFile> real)
      : watch_(watch), path_(std::move(path)), real_(std::move(real)) {}

  std::uint64_t size() const override {
    return make_call(watch_, {.action = FileAction::kSize, .path = path_}, [&] { return real_->size(); });
  }
  void append(std::span<const std::byte> bytes) override {
    const FileCall call{.action = FileAction::kWrite, .path = path_, .offset = real_->size(), .bytes = bytes};
    const Verdict verdict = watch_.before(call);
    real_->append(verdict == Verdict::kPass ? bytes : bytes.first(bytes.size() / 2));
    require_pass(call, verdict);
    watch_.after(call);
  }
  void truncate(std::uint64_t size) override {
    make_call(watch_, {.action = FileAction::kTruncate, .path = path_, .offset = size},
              [&] { real_->truncate(size); });
  }
  void sync() override {
    make_call(watch_, {.action = FileAction::kSync, .path = path_}, [&] { real_->sync(); });
  }

 private:
  FileWatch& watch_;
  fs::path path_;
  std::unique_ptr<WritableFile> real_;
};

class WatchedLock final : public FileLock {
 public:
  WatchedLock(FileWatch& watch, fs::path path, std::unique_ptr<FileLock> real)
      : watch_(watch), path_(std::move(path)), real_(std::move(real)) {}
  ~WatchedLock() override {
    real_.reset();
    watch_.after({.action = FileAction::kUnlock, .path = path_});
  }

 private:
  FileWatch& watch_;
  fs::path path_;
  std::unique_ptr<FileLock> real_;
};

}  // namespace

FileStatus WatchedFileSystem::status(const fs::path& path) const {
  return make_call(watch_, {.action = FileAction::kStatus, .path = path}, [&] { return real_.status(path); });
}

std::shared_ptr<const MappedFile> WatchedFileSystem::map(const fs::path& path) const {
  return make_call(watch_, {.action = FileAction::kMap, .path = path}, [&] { return real_.map(path); });
}

std::vector<std::byte> WatchedFileSystem::read(const fs::path& path, std::uint64_t max_bytes) const {
  return make_call(watch_, {.action = FileAction::kRead, .path = path},
                   [&] { return real_.read(path, max_bytes); });
}

std::unique_ptr<WritableFile> WatchedFileSystem::open_append(const fs::path& path) {
  return make_call(watch_, {.action = FileAction::kOpen, .path = path}, [&] {
    return std::make_unique<WatchedWritableFile>(watch_, path, real_.open_append(path));
  });
}

void WatchedFileSystem::create_folder(const fs::path& path) {
  make_call(watch_, {.action = FileAction::kCreateFolder, .path = path}, [&] { real_.create_folder(path); });
}

void WatchedFileSystem::rename(const fs::path& from, const fs::path& to) {
  make_call(watch_, {.action = FileAction::kRename, .path = from, .to = to}, [&] { real_.rename(from, to); });
}

void WatchedFileSystem::remove(const fs::path& path) {
  make_call(watch_, {.action = FileAction::kRemove, .path = path}, [&] { real_.remove(path); });
}

void WatchedFileSystem::sync_folder(const fs::path& path) {
  make_call(watch_, {.action = FileAction::kSyncFolder, .path = path}, [&] { real_.sync_folder(path); });
}

std::vector<fs::path> WatchedFileSystem::list(const fs::path& path) const {
  return make_call(watch_, {.action = FileAction::kList, .path = path}, [&] { return real_.list(path); });
}

std::unique_ptr<FileLock> WatchedFileSystem::lock(const fs::path& path, std::string_view holder) {
  return make_call(watch_, {.action = FileAction::kLock, .path = path},
                   [&] { return std::make_unique<WatchedLock>(watch_, path, real_.lock(path, holder)); });
}

}  // namespace tandem

#include "support/watched_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <string>
#include <utility>

#include "core/file_system.h"

namespace tandem {

struct VfsRegistration {
  std::string name;
  FileWatch& watch;
  sqlite3_vfs* real;
  sqlite3_vfs vfs = {};
};

namespace {

namespace fs = std::filesystem;

// Lies in front of SQLite's own file, in memory that SQLite allocates.
struct WatchedFile {
  sqlite3_file base;
  FileWatch* watch;
  fs::path path;      // empty for a temporary file, which is nobody's business
  bool syncs_folder;  // SQLite's own VFS syncs the folder with the first sync of a new journal
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) { return *reinterpret_cast<WatchedFile*>(file); }

// What SQLite hears of a call that does not pass.
int result_of(Verdict verdict, int input_output_error) {
  errno = verdict == Verdict::kDiskFull ? ENOSPC : EIO;
  return verdict == Verdict::kDiskFull ? SQLITE_FULL : input_output_error;
}

// Makes a call by `work`, which returns an SQLite result, if the watch lets it pass.
template <typename Work>
int make_call(FileWatch& watch, const FileCall& call, int input_output_error, Work work) {
  if (call.path.empty()) return work();
  const Verdict verdict = watch.before(call);
  if (verdict != Verdict::kPass) return result_of(verdict, input_output_error);
  const int result = work();
  if (result == SQLITE_OK) watch.after(call);
  return result;
}

template <typename Work>
int make_call(sqlite3_file* file, FileAction action, int input_output_error, Work work) {
  WatchedFile& self = watched(file);
  return make_call(*self.watch, {.action = action, .path = self.path}, input_output_error,
                   [&] { return work(self.real()); });
}

int close_file(sqlite3_file* file) {
  WatchedFile& self = watched(file);
  const int result =
      self.real()->pMethods == nullptr ? SQLITE_OK : self.real()->pMethods->xClose(self.real());
  self.~WatchedFile();
  return result;
}

int read_file(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return make_call(file, FileAction::kRead, SQLITE_IOERR_READ,
                   [&](sqlite3_file* real) { return real->pMethods->xRead(real, to, size, offset); });
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  WatchedFile& self = watched(file);
  const auto write = [&](int count) {
    return self.real()->pMethods->xWrite(self.real(), from, count, offset);
  };
  if (self.path.empty()) return write(size);
  const FileCall call{.action = FileAction::kWrite,
                      .path = self.path,
                      .offset = static_cast<std::uint64_t>(offset),
                      .bytes = {static_cast<const std::byte*>(from), static_cast<std::size_t>(size)}};
  const Verdict verdict = self.watch->before(call);
  const int result = write(verdict == Verdict::kPass ? size : size / 2);
  if (verdict != Verdict::kPass) return result_of(verdict, SQLITE_IOERR_WRITE);
  if (result == SQLITE_OK) self.watch->after(call);
  return result;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  WatchedFile& self = watched(file);
  const FileCall call{
      .action = FileAction::kTruncate, .path = self.path, .offset = static_cast<std::uint64_t>(size)};
  return make_call(*self.watch, call, SQLITE_IOERR_TRUNCATE,
                   [&] { return self.real()->pMethods->xTruncate(self.real(), size); });
}

int sync_file(sqlite3_file* file, int flags) {
  WatchedFile& self = watched(file);
  const int result = make_call(file, FileAction::kSync, SQLITE_IOERR_FSYNC,
                               [&](sqlite3_file* real) { return real->pMethods->xSync(real, flags); });
  if (result == SQLITE_OK && std::exchange(self.syncs_folder, false)) {
    self.watch->after({.action = FileAction::kSyncFolder, .path = self.path.parent_path()});
  }
  return result;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return make_call(file, FileAction::kSize, SQLITE_IOERR_FSTAT,
                   [&](sqlite3_file* real) { return real->pMethods->xFileSize(real, size); });
}

// The locks of SQLite go by fcntl() and leave no trace in the file.
int lock_file(sqlite3_file* file, int level) {
  WatchedFile& self = watched(file);
  if (self.watch->before({.action = FileAction::kStatus, .path = self.path}) != Verdict::kPass) {
    return SQLITE_IOERR_LOCK;
  }
  return self.real()->pMethods->xLock(self.real(), level);
}

int unlock_file(sqlite3_file* file, int level) {
  sqlite3_file* real = watched(file).real();
  return real->pMethods->xUnlock(real, level);
}

int check_reserved_lock(sqlite3_file* file, int* held) {
  sqlite3_file* real = watched(file).real();
  return real->pMethods->xCheckReservedLock(real, held);
}

int control_file(sqlite3_file* file, int operation, void* argument) {
  sqlite3_file* real = watched(file).real();
  return real->pMethods->xFileControl(real, operation, argument);
}

int sector_size(sqlite3_file* file) {
  sqlite3_file* real = watched(file).real();
  return real->pMethods->xSectorSize(real);
}

int device_characteristics(sqlite3_file* file) {
  sqlite3_file* real = watched(file).real();
  return real->pMethods->xDeviceCharacteristics(real);
}

constexpr sqlite3_io_methods kMethods = {1,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         size_of_file,
                                         lock_file,
                                         unlock_file,
                                         check_reserved_lock,
                                         control_file,
                                         sector_size,
                                         device_characteristics,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr,
                                         nullptr};

VfsRegistration& registration_of(sqlite3_vfs* vfs) { return *static_cast<VfsRegistration*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  auto& registration = registration_of(vfs);
  auto* self = new (file) WatchedFile{{nullptr}, &registration.watch, name == nullptr ? "" : name, false};
  self->real()->pMethods = nullptr;
  constexpr int kNewJournal = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_CREATE;
  self->syncs_folder = (flags & kNewJournal) == kNewJournal;
  const FileCall call{.action = FileAction::kOpen, .path = self->path};
  const int result = make_call(registration.watch, call, SQLITE_CANTOPEN, [&] {
    return registration.real->xOpen(registration.real, name, self->real(), flags, flags_out);
  });
  if (result == SQLITE_OK) {
    self->base.pMethods = &kMethods;
  } else {
    close_file(file);
  }
  return result;
}

int remove_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  auto& registration = registration_of(vfs);
  const int result =
      make_call(registration.watch, {.action = FileAction::kRemove, .path = name}, SQLITE_IOERR_DELETE,
                [&] { return registration.real->xDelete(registration.real, name, 0); });
  if (result != SQLITE_OK || sync_folder == 0) return result;
  const fs::path folder = fs::path(name).parent_path();
  return make_call(registration.watch, {.action = FileAction::kSyncFolder, .path = folder},
                   SQLITE_IOERR_DIR_FSYNC, [&] {
                     FileSystem::system().sync_folder(folder);
                     return SQLITE_OK;
                   });
}

int look_for_file(sqlite3_vfs* vfs, const char* name, int flags, int* found) {
  auto& registration = registration_of(vfs);
  return make_call(registration.watch, {.action = FileAction::kStatus, .path = name}, SQLITE_IOERR_ACCESS,
                   [&] { return registration.real->xAccess(registration.real, name, flags, found); });
}

}  // namespace

WatchedVfs::WatchedVfs(FileWatch& watch) {
  static std::atomic<int> count = 0;
  sqlite3_initialize();
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  // What is not replaced, clocks and the like, does not look at what it is called with.
  registration_.reset(new VfsRegistration{"watched-" + std::to_string(++count), watch, real, *real});
  sqlite3_vfs& vfs = registration_->vfs;
  vfs.zName = registration_->name.c_str();
  vfs.pNext = nullptr;
  vfs.pAppData = registration_.get();
  vfs.szOsFile = static_cast<int>(sizeof(WatchedFile)) + real->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = look_for_file;
  sqlite3_vfs_register(&vfs, 0);
}

WatchedVfs::~WatchedVfs() { sqlite3_vfs_unregister(&registration_->vfs); }

const char* WatchedVfs::name() const { return registration_->name.c_str(); }

}  // namespace tandem

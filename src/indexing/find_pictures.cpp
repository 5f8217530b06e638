#include "indexing/find_pictures.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/fail.h"
#include "core/log.h"
#include "tandem/indexing.h"

namespace tandem {
namespace indexing {
namespace {

namespace fs = std::filesystem;

bool has_picture_name(const fs::path& path) {
  constexpr std::array kExtensions = {".jpg", ".jpeg", ".png", ".webp"};
  return std::ranges::find(kExtensions, ascii_lower(path.extension().string())) != kExtensions.end();
}

// Not .pt: most files of that name are models.
bool has_region_name(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".npz" || extension == ".tsv";
}

void sort_once(std::vector<fs::path>& paths) {
  std::ranges::sort(paths);
  const auto repeated = std::ranges::unique(paths);
  paths.erase(repeated.begin(), repeated.end());
}

bool is_hidden(const fs::path& name) { return name.native().starts_with('.'); }

class Walk {
 public:
  explicit Walk(const FileSystem& files) : files_(files) {}

  void start(const fs::path& path) {
    scan_.roots.push_back(path);
    const FileStatus status = files_.status(path);
    if (status.kind == FileKind::kMissing) {
      fail(ErrorCode::kNotFound, "{}: no such file or folder; check the path", path.string());
    }
    if (status.kind == FileKind::kFolder) {
      files_.list(path);  // a folder that is named must be readable
      folders_.push_back(path);
    } else {
      scan_.pictures.push_back(path);
    }
  }

  PictureScan finish() {
    while (!folders_.empty() || !links_.empty()) {
      // Links wait, so that a folder gets its own name where it has one here.
      auto& next = folders_.empty() ? links_ : folders_;
      const fs::path folder = std::move(next.front());
      next.pop_front();
      visit(folder);
    }
    sort_once(scan_.pictures);
    sort_once(scan_.region_files);
    return std::move(scan_);
  }

 private:
  void visit(const fs::path& folder) {
    std::vector<fs::path> names;
    try {
      const FileStatus status = files_.status(folder);
      if (!visited_.emplace(status.device, status.inode).second) return;
      names = files_.list(folder);
    } catch (const Error& error) {
      log(LogLevel::kWarning, "{}; the folder is passed over", error.what());
      scan_.unread.push_back(folder);
    }
    for (const fs::path& name : names) {
      if (!is_hidden(name)) take(folder / name);
    }
  }

  // What has a picture's name and is no folder is taken: if it cannot be read, indexing says why.
  void take(const fs::path& path) {
    const FileKind kind = kind_of(path);
    if (kind == FileKind::kFolder) {
      (fs::is_symlink(path) ? links_ : folders_).push_back(path);
    } else if (has_picture_name(path)) {
      scan_.pictures.push_back(path);
    } else if (kind != FileKind::kMissing && has_region_name(path)) {
      scan_.region_files.push_back(path);
    } else if (kind == FileKind::kMissing) {
      scan_.unread.push_back(path);
    }
  }

  // What leads nowhere (a link to itself, or to a drive that is not mounted) is missing.
  FileKind kind_of(const fs::path& path) const {
    try {
      return files_.status(path).kind;
    } catch (const Error&) {
      return FileKind::kMissing;
    }
  }

  const FileSystem& files_;
  std::deque<fs::path> folders_;
  std::deque<fs::path> links_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> visited_;  // device and inode
  PictureScan scan_;
};

}  // namespace

PictureScan scan_paths(const FileSystem& files, std::span<const fs::path> paths) {
  Walk walk(files);
  for (const fs::path& path : paths) walk.start(absolute_path(path));
  return walk.finish();
}

}  // namespace indexing

PictureScan scan_paths(std::span<const std::filesystem::path> paths) {
  return indexing::scan_paths(FileSystem::system(), paths);
}

std::vector<std::filesystem::path> find_pictures(std::span<const std::filesystem::path> paths) {
  return scan_paths(paths).pictures;
}

}  // namespace tandem

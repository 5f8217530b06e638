#include "indexing/watch.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>

#include "core/fail.h"
#include "indexing/find_pictures.h"
#include "indexing/index_pictures.h"

namespace tandem {
namespace indexing {
namespace {

namespace fs = std::filesystem;

// Looking takes at most one part in so many of the time.
constexpr std::int64_t kRestPerLook = 20;
// A file that was written to since may still be growing, and its clock may show no step since.
constexpr std::int64_t kSettled_ns = 1'000'000'000;

class Watch {
 public:
  Watch(const std::function<std::unique_ptr<GalleryWriter>()>& open, const ModelPair& models,
        std::span<const fs::path> paths, const WatchOptions& options, const Seams& seams)
      : open_(open), models_(models), paths_(paths), options_(options), seams_(seams) {}

  [[noreturn]] void run() {
    while (true) {
      look();
      const auto least_ns = static_cast<std::int64_t>(options_.least_seconds * 1e9);
      seams_.wait(std::max(least_ns, kRestPerLook * look_ns_), options_.index.stop);
      if (options_.index.stop.stop_requested()) {
        fail(ErrorCode::kCancelled, "stopped watching; what is done is kept");
      }
    }
  }

 private:
  using Stamps = std::map<fs::path, FileStamp>;

  void look() {
    try {
      const std::int64_t begun_ns = seams_.clock.monotonic_ns();
      PictureScan scan = scan_paths(seams_.files, paths_);
      const std::size_t found = scan.pictures.size() + scan.region_files.size();
      Stamps stamps = settled(scan);
      look_ns_ = seams_.clock.monotonic_ns() - begun_ns;
      if (!first_ && stamps == done_) return;
      IndexOptions options = options_.index;
      // What vanished may be among those that are left to the next round, under another name.
      options.prune &= scan.pictures.size() + scan.region_files.size() == found;
      const auto writer = open_();
      const IndexReport report = index_scan(*writer, models_, scan, options, seams_);
      if (options_.on_round) options_.on_round(report, writer->info());
      first_ = false;
      done_ = std::move(stamps);
      trouble_.clear();
    } catch (const Error& error) {
      if (!may_pass(error)) throw;
      if (trouble_ != error.what() && options_.on_trouble) options_.on_trouble(error);
      trouble_ = error.what();
    }
  }

  // What is wrong from the beginning is hardly meant.
  bool may_pass(const Error& error) const {
    if (error.code() == ErrorCode::kBusy) return true;
    return !first_ && (error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kBackend);
  }

  // The stamps of the pictures. Those that may still be being written leave the scan; of them holds what was
  // seen before.
  Stamps settled(PictureScan& scan) const {
    const std::int64_t now_ns = seams_.clock.wall_ns();
    Stamps stamps;
    const auto is_growing = [&](const fs::path& path) {
      const FileStamp stamp = stamp_of(path);
      const bool settled = std::abs(now_ns - stamp.modified_ns) >= kSettled_ns;
      const auto before = done_.find(path);
      if (settled) {
        stamps.emplace(path, stamp);
      } else if (before != done_.end()) {
        stamps.insert(*before);
      }
      return !settled;
    };
    std::erase_if(scan.pictures, is_growing);
    std::erase_if(scan.region_files, is_growing);
    return stamps;
  }

  // Of a file that cannot be asked, one that never changes.
  FileStamp stamp_of(const fs::path& path) const {
    try {
      const FileStatus status = seams_.files.status(path);
      return {status.bytes, status.modified_ns};
    } catch (const Error&) {
      return {};
    }
  }

  const std::function<std::unique_ptr<GalleryWriter>()>& open_;
  ModelPair models_;
  std::span<const fs::path> paths_;
  const WatchOptions& options_;
  const Seams& seams_;
  std::int64_t look_ns_ = 0;
  bool first_ = true;
  Stamps done_;          // as of the last round that succeeded
  std::string trouble_;  // that was told last
};

}  // namespace

void watch_paths(const std::function<std::unique_ptr<GalleryWriter>()>& open, const ModelPair& models,
                 std::span<const fs::path> paths, const WatchOptions& options, const Seams& seams) {
  options.validate();
  Watch(open, models, paths, options, seams).run();
}

}  // namespace indexing

void watch_paths(const std::function<std::unique_ptr<GalleryWriter>()>& open, const ModelPair& models,
                 std::span<const std::filesystem::path> paths, const WatchOptions& options) {
  indexing::watch_paths(open, models, paths, options, indexing::Seams());
}

}  // namespace tandem

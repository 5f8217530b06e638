#include "gallery/damage.h"

#include <algorithm>
#include <limits>

#include "core/fail.h"
#include "core/utf8.h"
#include "gallery/catalogue_checksum.h"
#include "gallery/damaged_rows.h"
#include "gallery/gallery.h"
#include "gallery/lock_text.h"
#include "gallery/rebuilt_catalogue.h"
#include "gallery/snapshot.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

// Beyond this many the gallery is damaged beyond reading a list.
constexpr std::size_t kMaxProblems = 1000;

class DamageFinder {
 public:
  DamageFinder(const FileSystem& files, const fs::path& folder, bool deep, std::stop_token stop)
      : files_(files), deep_(deep), stop_(std::move(stop)) {
    damage_.folder = gallery_folder(folder);
  }

  Damage find() {
    collecting([&] { require_lock_text(files_, damage_.folder / kLockName); });
    if (find_manifest() && find_contents()) {
      damage_.readable = true;
      report().images = damage_.contents.images.size();
      inspect_segments();
      if (deep_) {
        find_damaged_rows(
            damage_, [this](const std::string& text) { problem(text); }, stop_);
      }
      check_snapshot();
    }
    if (more_problems_ > 0) {
      report().problems.push_back(
          fmt::format("{}: and {} problems more", damage_.folder.string(), more_problems_));
    }
    return std::move(damage_);
  }

 private:
  VerifyReport& report() { return damage_.report; }

  void problem(const std::string& text) {
    if (report().problems.size() < kMaxProblems) {
      report().problems.push_back(printable_utf8(text));
    } else {
      ++more_problems_;
    }
  }

  // Whether `work` ends without an error; an error becomes a problem.
  template <typename Work>
  bool collecting(Work work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      problem(error.what());
      return false;
    }
  }

  void check_stop() const { require_no_stop(stop_, damage_.folder); }

  fs::path catalogue_path() const { return damage_.folder / kCatalogueName; }

  std::vector<std::byte> catalogue_bytes() const {
    return Database(catalogue_path(), Database::Mode::kReadImmutable, files_.sqlite_vfs()).file_bytes();
  }

  // The rows on the pages of the catalogue, read once.
  const SalvagedRows& salvaged() {
    if (!salvaged_) {
      try {
        open_catalogue(files_, damage_.folder);  // rolls back what a crash left, if SQLite still can
      } catch (const Error&) {
      }
      salvaged_ = salvage_rows(catalogue_bytes());
    }
    return *salvaged_;
  }

  // Whether there is a manifest: the file, or the copy that the catalogue has.
  bool find_manifest() {
    try {
      damage_.manifest = read_manifest(files_, damage_.folder);
      return true;
    } catch (const Error& error) {
      const bool has_catalogue = files_.status(catalogue_path()).kind == FileKind::kRegular;
      const bool is_damage = error.code() == ErrorCode::kBadFormat ||
                             error.code() == ErrorCode::kVersionTooNew ||
                             (error.code() == ErrorCode::kNotFound && has_catalogue);
      if (!is_damage) throw;
      if (has_catalogue && take_manifest_copy()) {
        const bool is_new = error.code() == ErrorCode::kVersionTooNew;
        problem(error.what() +
                std::string(is_new ? "; but its copy in the catalogue has not: the number is damaged" : ""));
        return true;
      }
      if (error.code() != ErrorCode::kBadFormat) throw;
      problem(error.what());
      return false;
    }
  }

  bool take_manifest_copy() {
    if (!salvaged().manifest) return false;
    damage_.manifest = parse_manifest(salvaged().manifest->text, catalogue_path().string());
    damage_.manifest_file = true;
    return true;
  }

  // Whether there is a catalogue: as it is, or what is left of it.
  bool find_contents() {
    check_stop();
    try {
      read_contents();
    } catch (const Error& error) {
      const bool is_new = error.code() == ErrorCode::kVersionTooNew;
      if (is_new && !fits_but_for_its_version(files_, damage_.folder, damage_.manifest, catalogue_bytes()))
        throw;
      problem(error.what());
      // Missing, or the system fails to read it.
      if (!is_new && error.code() != ErrorCode::kBadFormat) return false;
      damage_.catalogue = true;
    }
    return !damage_.catalogue || rebuild_contents();
  }

  void read_contents() {
    const auto database = open_catalogue(files_, damage_.folder);
    const ReadTransaction transaction(*database);
    require_catalogue(*database);
    if (deep_) check_integrity(*database);
    damage_.contents = read_catalogue(*database);
    check_contents(damage_.contents, damage_.manifest, [&](const std::string& text) {
      problem(damage_.folder.string() + "/" + text);
      damage_.catalogue = true;
    });
    report().bytes_checked += files_.status(database->path()).bytes;
    if (deep_) {
      damage_.checksum = !collecting([&] {
        require_catalogue_checksum(files_, damage_.folder, damage_.manifest, *database,
                                   damage_.contents.state.generation);
      });
    }
  }

  void check_integrity(Database& database) {
    Statement statement(database, "PRAGMA integrity_check(100)");
    while (statement.step()) {
      const Row row = statement.row();
      const auto* text = std::get_if<std::string>(&row.at(0));
      if (text == nullptr || *text != "ok") {
        problem(fmt::format("{}: SQLite says: {}", database.path().string(), text == nullptr ? "?" : *text));
        damage_.catalogue = true;
      }
    }
  }

  bool rebuild_contents() {
    const SalvagedRows& rows = salvaged();
    const bool other = rows.manifest && parse_manifest(rows.manifest->text, "") != damage_.manifest;
    if (other) return false;  // of another gallery: named by now
    auto rebuilt = rebuild_catalogue(rows, damage_.manifest, files_, damage_.folder);
    damage_.contents = std::move(rebuilt.contents);
    damage_.losses = std::move(rebuilt.losses);
    first_new_segment_ = rebuilt.first_new_segment;
    for (const std::string& loss : damage_.losses) problem(damage_.folder.string() + "/" + loss);
    if (!rows.state && damage_.contents.images.empty()) return false;  // nothing at all could be read
    return true;
  }

  void inspect_segments() {
    for (const SegmentRecord& record : damage_.contents.segments) {
      check_stop();
      SegmentCondition segment = inspect_segment(files_, damage_.folder, damage_.manifest, record);
      if (record.id >= first_new_segment_) {
        segment.fault = SegmentFault::kNew;
      } else if (segment.fault != SegmentFault::kNone) {
        problem(segment.problem);
      }
      damage_.segments.emplace(record.id, std::move(segment));
    }
  }

  void check_snapshot() {
    check_stop();
    const auto status = files_.status(damage_.folder / kSnapshotName);
    if (damage_.manifest.index_spec == "exact" || status.kind == FileKind::kMissing) return;
    const bool alone = report().problems.empty();
    // That of a later version too is derived from what this version can read.
    damage_.snapshot = !collecting([&] {
      const Snapshot snapshot = read_snapshot(files_, damage_.folder, damage_.manifest);
      report().bytes_checked += status.bytes;
      if (deep_ && alone) check_covers(snapshot);
    });
  }

  // Only where nothing else is damaged.
  void check_covers(const Snapshot& snapshot) {
    SegmentReaders segments;
    for (const SegmentRecord& record : damage_.contents.segments) {
      segments.emplace(record.id, SegmentReader(files_, damage_.folder, damage_.manifest, record));
    }
    const EmbeddingTable images(segments, damage_.contents.images, damage_.manifest.embedding_rows);
    require_covers(snapshot, images, damage_.contents.state);
  }

  const FileSystem& files_;
  bool deep_;
  std::stop_token stop_;
  Damage damage_;
  std::optional<SalvagedRows> salvaged_;
  std::int64_t first_new_segment_ = std::numeric_limits<std::int64_t>::max();
  std::size_t more_problems_ = 0;
};

}  // namespace

Damage find_damage(const FileSystem& files, const fs::path& folder, bool deep, std::stop_token stop) {
  return DamageFinder(files, folder, deep, std::move(stop)).find();
}

VerifyReport verify(const FileSystem& files, const fs::path& folder, bool deep, std::stop_token stop) {
  return find_damage(files, folder, deep, std::move(stop)).report;
}

}  // namespace tandem::gallery

namespace tandem {

VerifyReport verify_gallery(const std::filesystem::path& folder, bool deep, std::stop_token stop) {
  return gallery::verify(FileSystem::system(), folder, deep, std::move(stop));
}

}  // namespace tandem

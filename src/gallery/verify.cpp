#include <cmath>

#include "core/fail.h"
#include "gallery/gallery.h"
#include "gallery/snapshot.h"

namespace tandem {
namespace gallery {
namespace {

namespace fs = std::filesystem;

// Beyond this many the gallery is damaged beyond reading a list.
constexpr std::size_t kMaxProblems = 1000;

class Verifier {
 public:
  Verifier(const FileSystem& files, const fs::path& folder, bool deep, std::stop_token stop)
      : files_(files), folder_(gallery_folder(folder)), deep_(deep), stop_(std::move(stop)) {}

  VerifyReport verify() {
    try {
      manifest_ = read_manifest(files_, folder_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kBadFormat) throw;
      problem(error.what());
      return report_;  // without it nothing else can be understood
    }
    if (!collecting([&] { read_catalogue_file(); })) return report_;
    report_.images = contents_.images.size();
    if (deep_) check_rows();
    check_snapshot();
    return report_;
  }

 private:
  void problem(const std::string& text) {
    if (report_.problems.size() < kMaxProblems) report_.problems.push_back(text);
  }

  // Whether `work` ends without an error; an error becomes a problem.
  template <typename Work>
  bool collecting(Work work) {
    if (stop_.stop_requested()) fail(ErrorCode::kCancelled, "{}: verifying was stopped", folder_.string());
    try {
      work();
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kVersionTooNew || error.code() == ErrorCode::kCancelled) throw;
      problem(error.what());
      return false;
    }
  }

  void read_catalogue_file() {
    const auto database = open_catalogue(files_, folder_);
    const ReadTransaction transaction(*database);
    require_catalogue(*database);
    if (deep_) check_integrity(*database);
    contents_ = read_catalogue(*database);
    check_contents(contents_, manifest_,
                   [&](const std::string& text) { problem(folder_.string() + "/" + text); });
    report_.bytes_checked += files_.status(database->path()).bytes;
    for (const SegmentRecord& segment : contents_.segments) {
      collecting([&] { segments_.emplace(segment.id, SegmentReader(files_, folder_, manifest_, segment)); });
    }
  }

  void check_integrity(Database& database) {
    Statement statement(database, "PRAGMA integrity_check(100)");
    while (statement.step()) {
      const Row row = statement.row();
      const auto* text = std::get_if<std::string>(&row.at(0));
      if (text == nullptr || *text != "ok") {
        problem(fmt::format("{}: SQLite says: {}", database.path().string(), text == nullptr ? "?" : *text));
      }
    }
  }

  void check_rows() {
    for (const auto& image : contents_.images) {
      const std::string what = fmt::format("picture {}", image.record.id);
      check_extent(image.embedding, what, true);
      if (image.tokens.segment != 0) check_extent(image.tokens, what, false);
    }
    for (const auto& caption : contents_.captions) {
      check_extent(caption.embedding, fmt::format("caption {}", caption.record.id), true);
    }
    for (const auto& hole : contents_.holes) check_hole(hole.extent);
  }

  // The segment of these rows, or null where it is not readable or has no such rows, which is known by now.
  const SegmentReader* segment_of(const Extent& extent) const {
    const auto found = segments_.find(extent.segment);
    if (found == segments_.end()) return nullptr;
    const std::uint64_t rows = found->second.record().rows;
    return extent.first > rows || extent.count > rows - extent.first ? nullptr : &found->second;
  }

  void check_extent(const Extent& extent, const std::string& what, bool unit_length) {
    const SegmentReader* segment = segment_of(extent);
    if (segment == nullptr) return;
    collecting([&] {
      const Matrix rows = segment->decode(extent, what);
      report_.bytes_checked += segment->bytes(extent).size();
      for (std::size_t i = 0; i < rows.rows(); ++i) check_row(rows.row(i), what, unit_length);
    });
  }

  void check_row(std::span<const float> row, const std::string& what, bool unit_length) {
    double squares = 0;
    for (const float value : row) squares += double{value} * value;
    if (!std::isfinite(squares) || (unit_length && std::fabs(std::sqrt(squares) - 1) > kLengthTolerance)) {
      problem(fmt::format("{}: {} has a vector of length {}, {} is wanted", folder_.string(), what,
                          std::sqrt(squares), unit_length ? "1" : "a finite one"));
    }
  }

  void check_hole(const Extent& extent) {
    const SegmentReader* segment = segment_of(extent);
    if (segment == nullptr) return;
    collecting([&] {
      segment->require_intact(extent, "what was removed");
      report_.bytes_checked += segment->bytes(extent).size();
    });
  }

  void check_snapshot() {
    const auto status = files_.status(folder_ / kSnapshotName);
    if (manifest_.index_spec == "exact" || status.kind == FileKind::kMissing || !report_.problems.empty())
      return;
    collecting([&] {
      const Snapshot snapshot = read_snapshot(files_, folder_, manifest_);
      report_.bytes_checked += status.bytes;
      if (!deep_) return;
      EmbeddingTable images(segments_, SegmentKind::kImages, manifest_.embedding_rows);
      for (const auto& image : contents_.images) images.add(image.record.id, image.embedding);
      require_covers(snapshot, images, contents_.state);
    });
  }

  const FileSystem& files_;
  fs::path folder_;
  bool deep_;
  std::stop_token stop_;
  Manifest manifest_;
  CatalogueContents contents_;
  SegmentReaders segments_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify(const FileSystem& files, const fs::path& folder, bool deep, std::stop_token stop) {
  return Verifier(files, folder, deep, std::move(stop)).verify();
}

}  // namespace gallery

VerifyReport verify_gallery(const std::filesystem::path& folder, bool deep, std::stop_token stop) {
  return gallery::verify(FileSystem::system(), folder, deep, std::move(stop));
}

}  // namespace tandem

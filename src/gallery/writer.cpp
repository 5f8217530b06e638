#include "gallery/writer.h"

#include <type_traits>

#include "core/fail.h"
#include "core/log.h"
#include "core/utf8.h"
#include "gallery/catalogue_writer.h"
#include "gallery/compaction.h"
#include "gallery/index_builder.h"
#include "gallery/input_checks.h"
#include "gallery/snapshot.h"
#include "gallery/token_codec.h"
#include "gallery/token_merging.h"

namespace tandem::gallery {
namespace {

namespace fs = std::filesystem;

class Writer final : public GalleryWriter {
 public:
  // `folder` holds a gallery and is locked by `lock`.
  Writer(FileSystem& files, const fs::path& folder, const Manifest& manifest, std::unique_ptr<FileLock> lock,
         const WriterSettings& settings)
      : files_(files),
        folder_(folder),
        manifest_(manifest),
        lock_(std::move(lock)),
        catalogue_(require_catalogue_file(files, folder), files.sqlite_vfs()),
        segments_(files, folder, manifest, catalogue_.segments(), catalogue_.state().next_segment,
                  settings.max_segment_bytes),
        builder_(files, folder, manifest, settings.min_index_changes, settings.max_exact_rows) {
    require_same_gallery(catalogue_.manifest(), manifest_, (folder / kCatalogueName).string());
    refresh_info();
  }

  ~Writer() override {
    try {
      catalogue_.roll_back();
      catalogue_.update_checksum(files_, manifest_);
    } catch (const std::exception& error) {
      log(LogLevel::kWarning, "{}", error.what());  // derived data: nothing is lost without it
    }
  }

  const GalleryInfo& info() const override { return info_; }

  std::optional<FileStamp> known(const fs::path& path) const override {
    const fs::path normal = normal_path(path);
    if (const auto image = catalogue_.find_image(normal)) return image->record.stamp;
    if (const auto skip = catalogue_.find_skip(normal)) return skip->record.stamp;
    return std::nullopt;
  }

  std::optional<ImageRecord> find(const fs::path& path) const override {
    const fs::path normal = normal_path(path);
    auto image = catalogue_.find_image(normal);
    if (!image) return std::nullopt;
    image->record.path = normal;
    return std::move(image->record);
  }

  ImageId add(const NewImage& image) override {
    const fs::path path = normal_path(image.record.path);
    const std::string name = path.string();
    require_unit_rows(image.encoded.embedding, manifest_.embedding_rows, manifest_.dimension, name);
    const TokenRows tokens = encode_tokens(image.encoded.tokens, name);
    return put(path, image.record, image.captions, [&](StoredImage& stored) {
      stored.embedding = append_embedding(SegmentKind::kImages, image.encoded.embedding);
      if (tokens.count > 0)
        stored.tokens = segments_.append(SegmentKind::kTokens, tokens.bytes, tokens.count);
    });
  }

  ImageId add_copy(ImageId source, const ImageRecord& record, std::span<const NewCaption> captions) override {
    const StoredImage original = require_image(source);
    // Read before anything changes: where they are damaged, the writer goes on without this copy.
    const auto embedding = read_rows(SegmentKind::kImages, original.embedding, source);
    const auto tokens = read_rows(SegmentKind::kTokens, original.tokens, source);
    return put(normal_path(record.path), record, captions, [&](StoredImage& stored) {
      stored.embedding = segments_.append(SegmentKind::kImages, embedding, original.embedding.count);
      if (!tokens.empty())
        stored.tokens = segments_.append(SegmentKind::kTokens, tokens, original.tokens.count);
    });
  }

  void update(const ImageRecord& record) override {
    StoredImage stored = require_image(record.id);
    const fs::path path = normal_path(record.path);
    require_record(path, record);
    if (const auto other = catalogue_.find_image(path); other && other->record.id != record.id) {
      fail(ErrorCode::kInvalidArgument, "{}: is the path of picture {}, picture {} cannot have it too",
           path.string(), other->record.id, record.id);
    }
    change([&] {
      catalogue_.remove_skip(path);
      stored.record = record;
      catalogue_.update_image(path, std::move(stored));
    });
  }

  CaptionId add_caption(ImageId image, const NewCaption& caption) override {
    require_image(image);
    require_caption(caption, manifest_.dimension, fmt::format("picture {}", image));
    return change([&] { return append_caption(image, caption); });
  }

  void add_skipped(const SkippedRecord& record) override {
    const fs::path path = normal_path(record.path);
    require_file(path, record.stamp);
    change([&] {
      if (const auto known = catalogue_.find_image(path)) catalogue_.remove_image(*known);
      catalogue_.remove_skip(path);
      StoredSkip skip;
      skip.record = record;
      skip.record.reason = printable_utf8(record.reason);
      catalogue_.add_skip(path, std::move(skip));
    });
  }

  std::size_t remove(const fs::path& path) override {
    const fs::path normal = normal_path(path);
    return change([&] {
      const auto images = catalogue_.images_within(normal);
      for (const StoredImage& image : images) catalogue_.remove_image(image);
      catalogue_.remove_skips_within(normal);
      return images.size();
    });
  }

  void commit() override {
    require_usable();
    if (!catalogue_.has_changes()) return;
    change([&] {
      const auto grown = segments_.sync();
      catalogue_.commit(grown, segments_.next_id());
    });
    builder_.build_if_behind(catalogue_.state());
    refresh_info();
  }

  void build_index() override {
    require_usable();
    builder_.build();
    refresh_info();
  }

  CompactReport compact(const CompactOptions& options) override {
    commit();
    CompactReport report;
    report.bytes_before = info_.bytes;
    const auto old = segments_with_holes(catalogue_);
    std::uint64_t total = 0;
    for (const SegmentRecord& segment : old) total += bytes_of(segment);
    std::uint64_t done = 0;
    for (const SegmentKind kind : {SegmentKind::kImages, SegmentKind::kCaptions, SegmentKind::kTokens}) {
      bool begun = false;
      for (const SegmentRecord& segment : old) {
        if (segment.kind != kind || options.stop.stop_requested()) continue;
        if (!begun) segments_.begin_new_segment(kind);
        begun = true;
        rewrite(segment);
        ++report.segments;
        done += bytes_of(segment);
        if (options.on_progress) options.on_progress(done, total);
      }
    }
    if (!options.stop.stop_requested()) tidy_catalogue();
    refresh_info();
    report.bytes_after = info_.bytes;
    return report;
  }

 private:
  // Runs what changes files or the catalogue. Where it fails half-way, nobody can say what is in them: all
  // that was not committed is given up, and opening anew puts everything in order.
  template <typename Work>
  std::invoke_result_t<Work> change(Work work) {
    require_usable();
    try {
      return work();
    } catch (...) {
      usable_ = false;
      catalogue_.roll_back();
      throw;
    }
  }

  void require_usable() const {
    if (usable_) return;
    fail(ErrorCode::kBackend,
         "{}: an earlier change failed and what was not committed is lost; open the gallery again",
         folder_.string());
  }

  StoredImage require_image(ImageId id) const {
    require_usable();
    auto image = catalogue_.find_image(id);
    if (!image) fail(ErrorCode::kNotFound, "{}: there is no picture with id {}", folder_.string(), id);
    return std::move(*image);
  }

  // Puts a picture under `path`, in place of what has the path; `append_rows` gives it its rows.
  template <typename AppendRows>
  ImageId put(const fs::path& path, const ImageRecord& record, std::span<const NewCaption> captions,
              AppendRows append_rows) {
    require_record(path, record);
    for (const NewCaption& caption : captions) require_caption(caption, manifest_.dimension, path.string());
    return change([&] {
      StoredImage stored;
      stored.record = record;
      append_rows(stored);
      catalogue_.remove_skip(path);
      std::vector<StoredCaption> kept;
      if (const auto replaced = catalogue_.find_image(path)) {
        if (captions.empty()) kept = catalogue_.take_captions(replaced->record.id);
        catalogue_.remove_image(*replaced);
      }
      const ImageId id = catalogue_.add_image(path, std::move(stored));
      catalogue_.give_captions(std::move(kept), id);
      for (const NewCaption& caption : captions) append_caption(id, caption);
      return id;
    });
  }

  struct TokenRows {
    std::vector<std::byte> bytes;
    std::size_t count = 0;
  };

  // As they are stored; none where the gallery stores none.
  TokenRows encode_tokens(const Matrix& tokens, const std::string& what) const {
    if (manifest_.tokens == TokenStorage::kNone) return {};
    if (tokens.rows() == 0 || tokens.columns() != manifest_.token_width) {
      fail(ErrorCode::kInvalidArgument, "{}: image tokens are {} × {}, at least one of width {} is wanted",
           what, tokens.rows(), tokens.columns(), manifest_.token_width);
    }
    const ElementType type = element_type(manifest_.tokens);
    if (manifest_.max_tokens == 0) return {encode_rows(tokens, type), tokens.rows()};
    const Matrix kept =
        merge_tokens(tokens, manifest_.max_tokens, manifest_.first_whole_tokens, manifest_.last_whole_tokens);
    return {encode_rows(kept, type), kept.rows()};
  }

  Extent append_embedding(SegmentKind kind, MatrixView rows) {
    return segments_.append(kind, encode_rows(rows, ElementType::kFp32), rows.rows());
  }

  // The bytes of a picture's rows; none where it has no such rows. Throws BadFormat where they are damaged.
  std::vector<std::byte> read_rows(SegmentKind kind, const Extent& rows, ImageId id) const {
    if (rows.segment == 0) return {};
    const SegmentReader reader(files_, folder_, manifest_, {rows.segment, kind, rows.first + rows.count});
    reader.require_intact(rows, fmt::format("picture {}", id));
    const std::span<const std::byte> bytes = reader.bytes(rows);
    return {bytes.begin(), bytes.end()};
  }

  CaptionId append_caption(ImageId image, const NewCaption& caption) {
    StoredCaption stored;
    stored.record.image = image;
    stored.record.text = caption.text;
    stored.embedding = append_embedding(SegmentKind::kCaptions,
                                        MatrixView(caption.embedding.data(), 1, caption.embedding.size()));
    return catalogue_.add_caption(std::move(stored));
  }

  // The rows of `segment` exist in another one once this returns, and its file is gone.
  void rewrite(const SegmentRecord& segment) {
    change([&] { rewrite_segment(files_, folder_, manifest_, segment, catalogue_, segments_); });
    commit();
    segments_.remove(segment);
  }

  void tidy_catalogue() {
    // A generation of its own, as the bytes of the file change.
    change([&] {
      catalogue_.remove_empty_folders();
      catalogue_.commit({}, segments_.next_id());
    });
    change([&] { catalogue_.vacuum(); });
  }

  std::uint64_t bytes_of(const SegmentRecord& segment) const {
    return manifest_.segment(segment.kind, segment.id).file_bytes(segment.rows);
  }

  void refresh_info() {
    info_ = gallery_info(manifest_, folder_);
    info_.images = static_cast<std::size_t>(catalogue_.state().images);
    info_.captions = static_cast<std::size_t>(catalogue_.state().captions);
    info_.skipped = static_cast<std::size_t>(catalogue_.state().skipped);
    info_.hole_bytes = catalogue_.hole_rows().bytes(manifest_);
    info_.approximate = approximate_index(files_, folder_, manifest_);
    try {
      info_.bytes = bytes_of_files(files_, folder_);
    } catch (const Error& error) {
      // What was committed is committed, though its size cannot be told.
      log(LogLevel::kWarning, "{}", error.what());
    }
  }

  FileSystem& files_;
  fs::path folder_;
  Manifest manifest_;
  std::unique_ptr<FileLock> lock_;
  mutable CatalogueWriter catalogue_;  // looking up runs statements
  SegmentWriter segments_;
  IndexBuilder builder_;
  GalleryInfo info_;
  bool usable_ = true;
};

}  // namespace

std::unique_ptr<GalleryWriter> make_writer(FileSystem& files, const fs::path& folder,
                                           const Manifest& manifest, std::unique_ptr<FileLock> lock,
                                           const WriterSettings& settings) {
  return std::make_unique<Writer>(files, folder, manifest, std::move(lock), settings);
}

}  // namespace tandem::gallery

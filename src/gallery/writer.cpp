#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/fail.h"
#include "core/log.h"
#include "core/utf8.h"
#include "gallery/catalogue_writer.h"
#include "gallery/gallery.h"
#include "gallery/snapshot.h"
#include "gallery/token_codec.h"

namespace tandem {
namespace gallery {
namespace {

namespace fs = std::filesystem;

std::string holder_text() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return fmt::format("process {} on {}", ::getpid(), host.data());
}

void require_unit_rows(MatrixView rows, std::size_t count, std::size_t dimension, const std::string& what) {
  if (rows.rows() != count || rows.columns() != dimension) {
    fail(ErrorCode::kInvalidArgument, "{}: embedding is {} × {}, {} × {} is wanted", what, rows.rows(),
         rows.columns(), count, dimension);
  }
  for (std::size_t i = 0; i < count; ++i) {
    double squares = 0;
    for (const float value : rows.row(i)) squares += double{value} * value;
    if (!(std::fabs(std::sqrt(squares) - 1) <= kLengthTolerance)) {
      fail(ErrorCode::kInvalidArgument,
           "{}: row {} of the embedding has length {}, 1 is wanted; normalise it", what, i,
           std::sqrt(squares));
    }
  }
}

// Throws InvalidArgument for what a catalogue cannot keep.
void require_file(const fs::path& path, const FileStamp& stamp) {
  if (!path.has_filename() ||
      stamp.bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    fail(ErrorCode::kInvalidArgument, "{}: is not the path of a file, or its size ({}) is not one",
         printable_utf8(path.string()), stamp.bytes);
  }
}

void require_metadata(const std::string& metadata, const std::string& what) {
  if (metadata.empty()) return;
  const auto json = nlohmann::json::parse(metadata, nullptr, false);
  if (!json.is_object()) fail(ErrorCode::kInvalidArgument, "{}: metadata is not a JSON object", what);
}

class Writer final : public GalleryWriter {
 public:
  // `folder` holds a gallery and is locked by `lock`.
  Writer(FileSystem& files, const fs::path& folder, const Manifest& manifest, std::unique_ptr<FileLock> lock,
         const WriterSettings& settings)
      : files_(files),
        folder_(folder),
        manifest_(manifest),
        lock_(std::move(lock)),
        catalogue_(require_catalogue_file(files, folder)),
        segments_(files, folder, manifest, catalogue_.segments(), catalogue_.state().next_segment,
                  settings.max_segment_bytes) {
    refresh_info();
  }

  const GalleryInfo& info() const override { return info_; }

  std::optional<FileStamp> known(const fs::path& path) const override {
    const fs::path normal = normal_path(path);
    if (const auto image = catalogue_.find_image(normal)) return image->record.stamp;
    if (const auto skip = catalogue_.find_skip(normal)) return skip->record.stamp;
    return std::nullopt;
  }

  ImageId add(const NewImage& image) override {
    const fs::path path = normal_path(image.record.path);
    const std::string name = printable_utf8(path.string());
    require_file(path, image.record.stamp);
    require_unit_rows(image.encoded.embedding, manifest_.embedding_rows, manifest_.dimension, name);
    require_metadata(image.record.metadata, name);
    require_utf8(image.record.content_hash, name + ": content hash");
    for (const NewCaption& caption : image.captions) require_caption(caption, name);
    const auto tokens = encode_tokens(image.encoded.tokens, name);
    return change([&] {
      catalogue_.remove_skip(path);
      if (const auto known = catalogue_.find_image(path)) catalogue_.remove_image(*known);
      StoredImage stored;
      stored.record = image.record;
      stored.embedding = append_embedding(SegmentKind::kImages, image.encoded.embedding);
      if (!tokens.empty())
        stored.tokens = segments_.append(SegmentKind::kTokens, tokens, image.encoded.tokens.rows());
      const ImageId id = catalogue_.add_image(path, std::move(stored));
      for (const NewCaption& caption : image.captions) append_caption(id, caption);
      return id;
    });
  }

  CaptionId add_caption(ImageId image, const NewCaption& caption) override {
    require_usable();
    if (!catalogue_.has_image(image)) {
      fail(ErrorCode::kNotFound, "{}: there is no picture with id {}", folder_.string(), image);
    }
    require_caption(caption, fmt::format("picture {}", image));
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
    refresh_info();
  }

  void build_index() override {
    require_usable();
    if (manifest_.index_spec == "exact") return;
    const GalleryState state = read_gallery_state(files_, folder_);
    EmbeddingTable images(state.segments, SegmentKind::kImages, manifest_.embedding_rows);
    for (const auto& image : state.contents.images) images.add(image.record.id, image.embedding);
    write_snapshot(files_, folder_, manifest_, state.contents.state, images);
    refresh_info();
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

  void require_caption(const NewCaption& caption, const std::string& what) const {
    require_utf8(caption.text.text, what + ": caption");
    require_utf8(caption.text.language, what + ": language of a caption");
    require_unit_rows(MatrixView(caption.embedding.data(), 1, caption.embedding.size()), 1,
                      manifest_.dimension, what + ": caption");
  }

  std::vector<std::byte> encode_tokens(MatrixView tokens, const std::string& what) const {
    if (manifest_.tokens == TokenStorage::kNone) return {};
    if (tokens.rows() == 0 || tokens.columns() != manifest_.token_width) {
      fail(ErrorCode::kInvalidArgument, "{}: image tokens are {} × {}, at least one of width {} is wanted",
           what, tokens.rows(), tokens.columns(), manifest_.token_width);
    }
    return encode_rows(tokens, element_type(manifest_.tokens));
  }

  Extent append_embedding(SegmentKind kind, MatrixView rows) {
    return segments_.append(kind, encode_rows(rows, ElementType::kFp32), rows.rows());
  }

  CaptionId append_caption(ImageId image, const NewCaption& caption) {
    StoredCaption stored;
    stored.record.image = image;
    stored.record.text = caption.text;
    stored.embedding = append_embedding(SegmentKind::kCaptions,
                                        MatrixView(caption.embedding.data(), 1, caption.embedding.size()));
    return catalogue_.add_caption(std::move(stored));
  }

  void refresh_info() {
    info_ = gallery_info(manifest_, folder_);
    info_.images = static_cast<std::size_t>(catalogue_.state().images);
    info_.captions = static_cast<std::size_t>(catalogue_.state().captions);
    info_.skipped = static_cast<std::size_t>(catalogue_.state().skipped);
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
  GalleryInfo info_;
  bool usable_ = true;
};

// What stands in a folder in which a gallery was being created: no pictures yet, so it can begin anew.
bool is_half_created(const std::vector<fs::path>& names) {
  const std::string catalogue = kCatalogueName;
  return std::all_of(names.begin(), names.end(), [&](const fs::path& name) {
    return name == kLockName || name == catalogue || name == catalogue + "-journal" ||
           name == std::string(kManifestName) + ".new";
  });
}

void require_creatable(const FileSystem& files, const fs::path& folder) {
  const FileKind kind = files.status(folder).kind;
  if (kind == FileKind::kMissing) return;
  if (kind != FileKind::kFolder) {
    fail(ErrorCode::kInvalidArgument, "{}: is a file, the folder of a gallery is wanted", folder.string());
  }
  const auto names = files.list(folder);
  if (is_half_created(names)) return;
  for (const auto& name : names) {
    if (name == kCatalogueName) {
      fail(ErrorCode::kNotFound, "{}: is a damaged gallery: {} is missing; restore it from a copy",
           folder.string(), kManifestName);
    }
  }
  fail(ErrorCode::kInvalidArgument,
       "{}: has other files in it ({}, ...), an empty or missing folder is wanted", folder.string(),
       printable_utf8(names.front().string()));
}

// The manifest is written last: with it the gallery exists.
void create(FileSystem& files, const fs::path& folder, const Manifest& manifest) {
  const fs::path catalogue = folder / kCatalogueName;
  files.remove(folder / (std::string(kCatalogueName) + "-journal"));
  files.remove(catalogue);
  {
    Database database(catalogue, Database::Mode::kCreate);
    create_catalogue(database);
  }
  files.sync_folder(folder.parent_path());
  replace_file(files, folder / kManifestName, format_manifest(manifest));
}

bool has_manifest(const FileSystem& files, const fs::path& folder) {
  return files.status(folder / kManifestName).kind != FileKind::kMissing;
}

}  // namespace

std::unique_ptr<GalleryWriter> open_writer(FileSystem& files, const fs::path& folder, const ModelInfo& model,
                                           const GalleryOptions& options, const WriterSettings& settings) {
  const fs::path normal = gallery_folder(folder);
  const Manifest made = make_manifest(model, options);
  if (!has_manifest(files, normal)) {
    require_creatable(files, normal);
    files.create_folder(normal);
  }
  auto lock = files.lock(normal / kLockName, holder_text());
  if (!has_manifest(files, normal)) create(files, normal, made);
  const Manifest manifest = read_manifest(files, normal);
  require_same_model(gallery_info(manifest, normal), model);
  return std::make_unique<Writer>(files, normal, manifest, std::move(lock), settings);
}

std::unique_ptr<GalleryWriter> open_existing_writer(FileSystem& files, const fs::path& folder,
                                                    const WriterSettings& settings) {
  const fs::path normal = gallery_folder(folder);
  read_manifest(files, normal);  // before a lock is put into a folder that is none
  auto lock = files.lock(normal / kLockName, holder_text());
  return std::make_unique<Writer>(files, normal, read_manifest(files, normal), std::move(lock), settings);
}

}  // namespace gallery

std::unique_ptr<GalleryWriter> GalleryWriter::open(const std::filesystem::path& folder,
                                                   const ModelInfo& model, const GalleryOptions& options) {
  return gallery::open_writer(FileSystem::system(), folder, model, options);
}

std::unique_ptr<GalleryWriter> GalleryWriter::open_existing(const std::filesystem::path& folder) {
  return gallery::open_existing_writer(FileSystem::system(), folder);
}

}  // namespace tandem

// A gallery: one folder on disk with everything that a search needs of a set of pictures.
//
// Gallery is a snapshot, read-only and immutable: what others commit later shows after opening anew;
// const methods may be called from many threads. GalleryWriter is for one thread at a time, and one
// writer at a time holds a gallery (a second one gets Busy). Readers in other processes are not disturbed.
// The files are described in docs/gallery-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tandem/error.h"
#include "tandem/index.h"
#include "tandem/matrix.h"
#include "tandem/model.h"
#include "tandem/text.h"

namespace tandem {

// Ids are positive, unique in a gallery and never used again.
using ImageId = std::int64_t;
using CaptionId = std::int64_t;

// How image tokens are stored. kInt8 keeps one float32 scale for each token.
enum class TokenStorage { kNone, kFp16, kInt8 };

const char* to_string(TokenStorage storage) noexcept;       // "none", "fp16", "int8"
TokenStorage parse_token_storage(const std::string& name);  // throws InvalidArgument

// How image tokens are stored, and how many of a picture at most: as GalleryOptions has both.
struct TokenBudget {
  TokenStorage storage = TokenStorage::kNone;
  std::size_t max_tokens = 0;  // 0: all
  friend bool operator==(const TokenBudget&, const TokenBudget&) = default;
};

// As users write it: "int8" or, with at most 64 tokens, "int8:64". Throws InvalidArgument for what
// to_string() does not give, and for a number that is not from 2 to 65,536.
TokenBudget parse_token_budget(const std::string& text);
std::string to_string(const TokenBudget& budget);

// What tells whether a file is still the one that was indexed.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since the Unix epoch
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct ImageRecord {
  ImageId id = 0;
  std::filesystem::path path;  // absolute
  FileStamp stamp;
  std::string content_hash;  // hex, of the file's bytes
  std::size_t width = 0;     // upright, in pixels
  std::size_t height = 0;
  std::string metadata;  // JSON object given by the caller, or empty
};

// The photo that shows a picture: its file or, of regions, the photo that indexing found for them; where
// there is none, the path of the regions.
std::filesystem::path photo_of(const ImageRecord& record);

struct CaptionRecord {
  CaptionId id = 0;
  ImageId image = 0;
  Text text;
};

// A picture that could not be indexed, and why. It has no id and no vectors.
struct SkippedRecord {
  std::filesystem::path path;  // absolute
  FileStamp stamp;
  ErrorCode code = ErrorCode::kBadFormat;
  std::string reason;
};

struct NewCaption {
  Text text;
  std::vector<float> embedding;  // dimension, length 1
};

struct NewImage {
  ImageRecord record;    // without id
  EncodedImage encoded;  // tokens may be empty where the gallery stores none
  std::vector<NewCaption> captions;
};

// One of the models that a gallery was built with.
struct GalleryModel {
  std::string family;
  std::filesystem::path path;
  std::filesystem::path detector;                // as in ModelInfo
  Precision tower_precision = Precision::kFp32;  // as in ModelInfo, when the first picture came
  std::string weights_fingerprint;
  std::string preprocessing_fingerprint;
  friend bool operator==(const GalleryModel&, const GalleryModel&) = default;
};

// The index that searches of a gallery go by where they are not exact.
struct ApproximateIndex {
  std::string spec;        // a FAISS factory string
  std::size_t images = 0;  // those it was built from; later ones are scanned exactly
  // The share of the 100 nearest pictures that it finds for queries at a cosine of 0.9 to some of its
  // pictures, measured when it was built. Nothing in one that an older version built. Sentences lie farther
  // from pictures and may find less.
  std::optional<double> recall;
};

struct GalleryInfo {
  std::filesystem::path path;
  int format_version = 0;
  GalleryModel model;                    // embeds, and reranks where there is no other
  std::optional<GalleryModel> reranker;  // of two models, the one that reranks
  std::size_t dimension = 0;
  std::size_t embedding_rows = 1;
  TokenStorage tokens = TokenStorage::kNone;
  std::size_t token_width = 0;
  std::size_t max_tokens = 0;  // of a picture; 0: all that the model gives
  std::string index_spec;      // "auto", "exact" or a FAISS factory string
  std::optional<ApproximateIndex> approximate;
  std::size_t images = 0;  // committed
  std::size_t captions = 0;
  std::size_t skipped = 0;
  std::uint64_t bytes = 0;       // of all files
  std::uint64_t hole_bytes = 0;  // of those, what was removed and compact() gives back
};

class Gallery {
 public:
  // Throws NotFound, BadFormat, VersionTooNew.
  static std::shared_ptr<const Gallery> open(const std::filesystem::path& folder);
  // What the gallery in a folder was made for, without opening it: nothing is counted. Nothing where no
  // gallery is yet. Throws BadFormat, VersionTooNew.
  static std::optional<GalleryInfo> peek(const std::filesystem::path& folder);
  virtual ~Gallery() = default;

  virtual const GalleryInfo& info() const = 0;
  // Throws InvalidArgument, naming both, when `model` is not the one the gallery was built with, or
  // `reranker` not the one that reranks: the second of two, or `model` itself.
  void require_model(const ModelInfo& model) const;
  void require_reranker(const ModelInfo& reranker) const;

  virtual std::vector<ImageRecord> images() const = 0;  // by id
  virtual ImageRecord image(ImageId id) const = 0;      // throws NotFound
  virtual CaptionRecord caption(CaptionId id) const = 0;
  virtual std::vector<CaptionRecord> captions_of(ImageId id) const = 0;  // by id, possibly none
  virtual std::vector<SkippedRecord> skipped() const = 0;                // by path

  // embedding_rows × dimension. Throws NotFound.
  virtual Matrix embedding(ImageId id) const = 0;
  // Tokens × token_width, as float32. Throws NotFound; Unsupported when the gallery stores none.
  virtual Matrix tokens(ImageId id) const = 0;

  // For each row of `queries` (q × dimension) the most similar images or captions: best first, ties by
  // id, min(k, count) of them. An image with several embeddings counts once, by its best. k = 0 is
  // InvalidArgument; an empty gallery gives empty lists.
  virtual std::vector<std::vector<ScoredId>> nearest_images(MatrixView queries, std::size_t k) const = 0;
  virtual std::vector<std::vector<ScoredId>> nearest_captions(MatrixView queries, std::size_t k) const = 0;
};

struct GalleryOptions {
  TokenStorage tokens = TokenStorage::kFp16;  // raised sizes: kNone; half the size: kInt8
  // "auto": exact up to 100,000 embeddings, above them an index that finds 99 % of the 100 nearest (measured
  // as ApproximateIndex::recall); "exact"; or what make_index() takes.
  std::string index_spec = "auto";
  // Image tokens of a picture, 2 to 65,536; 0: all. Where there are more, those that are most alike are
  // merged: less to store and to read for every match, which gets less accurate.
  std::size_t max_tokens = 0;
};

struct CompactOptions {
  std::stop_token stop;
  // Bytes of segments, from the calling thread.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;
};

struct CompactReport {
  std::size_t segments = 0;        // rewritten
  std::uint64_t bytes_before = 0;  // of all files
  std::uint64_t bytes_after = 0;
};

class GalleryWriter {
 public:
  // Opens a gallery for writing, or creates it where the folder is missing or empty. What a crash left
  // beyond the last commit is cut off. `options` hold at creation; an existing gallery keeps its own.
  // Throws Busy (naming the holder), InvalidArgument (another model, a folder with other files in it),
  // BadFormat, VersionTooNew, Backend.
  static std::unique_ptr<GalleryWriter> open(const std::filesystem::path& folder, const ModelInfo& model,
                                             const GalleryOptions& options = {});
  // The same for two models: embeddings are those of the first, image tokens those of the second. Throws
  // Unsupported where the second does not match.
  static std::unique_ptr<GalleryWriter> open(const std::filesystem::path& folder, const ModelPair& models,
                                             const GalleryOptions& options = {});
  // Opens an existing gallery to remove from it, whatever its model. Throws NotFound too.
  static std::unique_ptr<GalleryWriter> open_existing(const std::filesystem::path& folder);
  virtual ~GalleryWriter() = default;  // what was not committed is dropped

  virtual const GalleryInfo& info() const = 0;  // as of the last commit

  // The stamp under which a path is known, as picture or as skipped, uncommitted changes included.
  virtual std::optional<FileStamp> known(const std::filesystem::path& path) const = 0;
  // The picture that has a path, uncommitted changes included; nothing for a skipped file.
  virtual std::optional<ImageRecord> find(const std::filesystem::path& path) const = 0;

  // Adds a picture, or replaces the one with the same path (under a new id), whose captions go on to the
  // new one unless `image` has some. Throws InvalidArgument for vectors of another shape, not finite or
  // not of length 1.
  virtual ImageId add(const NewImage& image) = 0;
  // The same for a picture with the content of picture `source`: its vectors are copied. Throws NotFound,
  // and BadFormat where the stored vectors are damaged.
  virtual ImageId add_copy(ImageId source, const ImageRecord& record,
                           std::span<const NewCaption> captions = {}) = 0;
  // Changes what is known of picture `record.id`: everything but its id, vectors and captions. Throws
  // NotFound, and InvalidArgument where another picture has the path.
  virtual void update(const ImageRecord& record) = 0;
  // Adds a caption to a picture in the gallery.
  virtual CaptionId add_caption(ImageId image, const NewCaption& caption) = 0;
  virtual void add_skipped(const SkippedRecord& record) = 0;
  // Removes a picture, or everything below a folder; returns how many pictures went.
  virtual std::size_t remove(const std::filesystem::path& path) = 0;

  // Makes everything since the last commit exist, all or nothing, and durable when it returns.
  virtual void commit() = 0;
  // Rebuilds the index snapshot where the index is not exact. Derived data: searches are right without.
  // Commits begin it by themselves, on a thread, once a quarter of the pictures (at least 1,000) came or went
  // since the last one; closing the writer waits for that.
  virtual void build_index() = 0;
  // Rewrites the segments without what was removed. Commits before, and after each segment, so that a stop
  // (which ends it early, without an error) or a crash keeps what is done. Readers that are open go on. On
  // the medium it needs the room of one segment more. Throws BadFormat where vectors are damaged.
  virtual CompactReport compact(const CompactOptions& options = {}) = 0;
};

struct VerifyReport {
  std::size_t images = 0;
  std::uint64_t bytes_checked = 0;
  std::vector<std::string> problems;  // one line each, naming file, found and wanted; empty is good
};

// Checks a gallery: that every file is there and of the right size and header; `deep` also recomputes
// the checksum of every row. Throws NotFound, VersionTooNew, Cancelled.
VerifyReport verify_gallery(const std::filesystem::path& folder, bool deep, std::stop_token stop = {});

}  // namespace tandem

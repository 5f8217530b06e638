// A gallery: one folder on disk with everything that a search needs of a set of pictures.
//
// Gallery is a snapshot, read-only and immutable: what others commit later shows after opening anew;
// const methods may be called from many threads. gallery_writer.h changes a gallery. The files are described
// in docs/gallery-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
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

struct VerifyReport {
  std::size_t images = 0;
  std::uint64_t bytes_checked = 0;
  std::vector<std::string> problems;  // one line each, naming file, found and wanted; empty is good
};

// Checks a gallery: that every file is there and of the right size and header; `deep` also recomputes
// the checksum of every row. Throws NotFound, VersionTooNew, Cancelled.
VerifyReport verify_gallery(const std::filesystem::path& folder, bool deep, std::stop_token stop = {});

}  // namespace tandem

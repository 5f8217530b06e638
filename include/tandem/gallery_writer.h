// Changing a gallery.
//
// GalleryWriter is for one thread at a time, and one writer at a time holds a gallery (a second one gets
// Busy). Readers are not disturbed, in other processes neither.
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

#include "tandem/gallery.h"
#include "tandem/model.h"
#include "tandem/text.h"

namespace tandem {

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

struct GalleryOptions {
  TokenStorage tokens = TokenStorage::kFp16;  // raised sizes: kNone; half the size: kInt8
  // "auto": exact up to 100,000 embeddings, above them an index that finds 99 % of the 100 nearest (measured
  // as ApproximateIndex::recall); "exact"; or what make_index() takes.
  std::string index_spec = "auto";
  // Image tokens of a picture, 2 to 65,536; 0: all. Where there are more, those that are most alike are
  // merged: less to store and to read for every match, which gets less accurate.
  std::size_t max_tokens = 0;
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

}  // namespace tandem

// manifest.json: what a gallery was made for. Written once, when the gallery is created.
//
// Values and free functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "core/file_system.h"
#include "gallery/gallery_models.h"
#include "gallery/segment_format.h"
#include "tandem/gallery_writer.h"

namespace tandem::gallery {

// Two models came with version 2; a gallery of one model is written as version 1, which older libraries read.
inline constexpr int kFormatVersion = 2;
inline constexpr int kCatalogueVersion = 1;
inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kCatalogueName = "catalogue.sqlite";
inline constexpr const char* kSnapshotName = "index.snapshot";
inline constexpr const char* kLockName = "lock";

// What a limit of a picture's image tokens can be.
inline constexpr std::size_t kLeastMaxTokens = 2;
inline constexpr std::size_t kMostMaxTokens = 65'536;

struct Manifest {
  std::string uuid;  // 32 hex digits, random
  GalleryModel model;
  std::optional<GalleryModel> reranker;
  std::size_t dimension = 0;
  std::size_t embedding_rows = 1;
  TokenStorage tokens = TokenStorage::kNone;
  std::size_t token_width = 0;  // 0 where no tokens are stored
  // Of a picture; 0: all. Beyond it tokens are merged, but for the first and last ones that stand for the
  // whole picture: as in ModelInfo, and fewer than `max_tokens`; 0 where nothing is merged.
  std::size_t max_tokens = 0;
  std::size_t first_whole_tokens = 0;
  std::size_t last_whole_tokens = 0;
  std::string index_spec;

  friend bool operator==(const Manifest&, const Manifest&) = default;
  // What the header of a segment of this gallery says.
  SegmentHeader segment(SegmentKind kind, std::int64_t id) const;
};

// The manifest of a new gallery. Throws InvalidArgument for a model that cannot embed images and for
// options that cannot be, Unsupported for a second model that cannot match.
Manifest make_manifest(const ModelInfos& models, const GalleryOptions& options);

std::string format_manifest(const Manifest& manifest);
// Throws BadFormat, VersionTooNew; `name` stands for the file.
Manifest parse_manifest(const std::string& text, const std::string& name);

// Throws NotFound too: a missing folder, a folder without manifest.
Manifest read_manifest(const FileSystem& files, const std::filesystem::path& folder);

// The fields that the manifest knows.
GalleryInfo gallery_info(const Manifest& manifest, const std::filesystem::path& folder);

}  // namespace tandem::gallery

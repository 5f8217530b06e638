// Opening galleries on any file system.
//
// Free functions. The public ones (tandem/gallery.h) call these with FileSystem::system().
#pragma once

#include <filesystem>
#include <memory>

#include "core/file_system.h"
#include "gallery/catalogue.h"
#include "gallery/segment_reader.h"
#include "gallery/segment_writer.h"
#include "index/automatic.h"
#include "tandem/gallery_writer.h"

namespace tandem::gallery {

// An embedding's length is 1 within this.
inline constexpr double kLengthTolerance = 1e-3;

// `files` must outlive the gallery.
std::shared_ptr<const Gallery> open_gallery(const FileSystem& files, const std::filesystem::path& folder);

struct WriterSettings {
  std::uint64_t max_segment_bytes = kMaxSegmentBytes;
  // Below this an exact scan takes no time: an index snapshot is not built by itself.
  std::size_t min_index_changes = 1000;
  std::size_t max_exact_rows = index::kMaxExactRows;  // where the index is left to the library
};

// `files` must outlive the writer.
std::unique_ptr<GalleryWriter> open_writer(FileSystem& files, const std::filesystem::path& folder,
                                           const ModelInfos& models, const GalleryOptions& options,
                                           const WriterSettings& settings = {});
std::unique_ptr<GalleryWriter> open_existing_writer(FileSystem& files, const std::filesystem::path& folder,
                                                    const WriterSettings& settings = {});

// Locks a gallery for writing; until the lock goes, others get Busy with this process's name.
std::unique_ptr<FileLock> lock_gallery(FileSystem& files, const std::filesystem::path& folder);

VerifyReport verify(const FileSystem& files, const std::filesystem::path& folder, bool deep,
                    std::stop_token stop);

// One moment of a gallery: its catalogue, and its segments mapped.
struct GalleryState {
  std::filesystem::path folder;  // absolute, links followed
  Manifest manifest;
  CatalogueContents contents;
  SegmentReaders segments;
};

// Reads it in one transaction; the contents are checked against each other and the segments.
GalleryState read_gallery_state(const FileSystem& files, const std::filesystem::path& folder);

// The normal path of a gallery's folder, links followed where it is there.
std::filesystem::path gallery_folder(const std::filesystem::path& folder);

// The path of the catalogue. Throws NotFound where it is missing.
std::filesystem::path require_catalogue_file(const FileSystem& files, const std::filesystem::path& folder);

// Opens the catalogue for reading, also on a medium that cannot be written.
std::unique_ptr<Database> open_catalogue(const FileSystem& files, const std::filesystem::path& folder);

// Of all files in the folder.
std::uint64_t bytes_of_files(const FileSystem& files, const std::filesystem::path& folder);

}  // namespace tandem::gallery

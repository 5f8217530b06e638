// The writer of a gallery that is there and locked.
//
// A free function.
#pragma once

#include <filesystem>
#include <memory>

#include "gallery/gallery.h"

namespace tandem::gallery {

// `folder` is normal and holds the gallery of `manifest`, locked by `lock`. `files` must outlive the writer.
std::unique_ptr<GalleryWriter> make_writer(FileSystem& files, const std::filesystem::path& folder,
                                           const Manifest& manifest, std::unique_ptr<FileLock> lock,
                                           const WriterSettings& settings);

}  // namespace tandem::gallery

// Making a new gallery.
//
// Free functions.
#pragma once

#include <filesystem>

#include "core/file_system.h"
#include "gallery/manifest.h"

namespace tandem::gallery {

bool has_manifest(const FileSystem& files, const std::filesystem::path& folder);

// Throws InvalidArgument for a folder with other files in it, NotFound for a gallery without its manifest.
void require_creatable(const FileSystem& files, const std::filesystem::path& folder);

// Makes an empty gallery in a folder that is there and locked. The manifest is written last: with it the
// gallery exists.
void create_gallery(FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace tandem::gallery

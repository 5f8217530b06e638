// catalogue.checksum: the checksum of the catalogue's file as a writer left it when it closed. It finds what
// the checksums of rows cannot: changed bytes that SQLite keeps but does not use.
//
// Free functions. Derived data: after a crash it speaks of an older generation, and then of nothing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/file_system.h"
#include "gallery/manifest.h"
#include "gallery/sqlite.h"

namespace tandem::gallery {

inline constexpr const char* kCatalogueChecksumName = "catalogue.checksum";

// Writes it anew if it does not speak of `generation` already. Nobody else may change the catalogue
// meanwhile.
void update_catalogue_checksum(FileSystem& files, const std::filesystem::path& folder,
                               const Manifest& manifest, Database& catalogue, std::int64_t generation);

// Throws BadFormat where it is damaged, or where it speaks of this generation and the catalogue's file is
// another. Call it within a transaction.
void require_catalogue_checksum(const FileSystem& files, const std::filesystem::path& folder,
                                const Manifest& manifest, Database& catalogue, std::int64_t generation);

// Whether the bytes of a catalogue of a later version are those of this one, but for the number that says so.
bool fits_but_for_its_version(const FileSystem& files, const std::filesystem::path& folder,
                              const Manifest& manifest, std::vector<std::byte> catalogue);

}  // namespace tandem::gallery

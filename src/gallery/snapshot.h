// The index snapshot: an approximate index over the pictures of one moment. Derived data: a search is right
// without it, only slower.
//
// Free functions and a value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/file_system.h"
#include "gallery/embedding_table.h"
#include "gallery/manifest.h"
#include "gallery/records.h"
#include "index/stored_index.h"

namespace tandem::gallery {

struct SnapshotHead {
  std::int64_t generation = 0;   // of the catalogue that it was made from
  ImageId covered_below = 1;     // it has all pictures of that moment, and their ids are lower
  std::int64_t images = 0;       // how many these were
  std::optional<double> recall;  // shortlist_recall() when it was built; version 1 has none
};

struct Snapshot {
  SnapshotHead head;
  std::unique_ptr<index::StoredIndex> index;
};

// Builds the index of all of `images` that `spec` names, and writes it. What the library chose finds at least
// 99 % of the shortlist.
void write_snapshot(FileSystem& files, const std::filesystem::path& folder, const Manifest& manifest,
                    const StateRecord& state, const EmbeddingTable& images, const std::string& spec);

// Throws NotFound, BadFormat (damaged, or of another gallery), VersionTooNew.
Snapshot read_snapshot(const FileSystem& files, const std::filesystem::path& folder,
                       const Manifest& manifest);

// What a snapshot says of itself, without reading the rest of it; where there is none that can be read, the
// head of an empty one.
SnapshotHead read_snapshot_head(const FileSystem& files, const std::filesystem::path& folder,
                                const Manifest& manifest);

bool has_snapshot(const FileSystem& files, const std::filesystem::path& folder);

// What there is to tell about the snapshot; nothing where searches are exact.
std::optional<ApproximateIndex> approximate_index(const FileSystem& files,
                                                  const std::filesystem::path& folder,
                                                  const Manifest& manifest);

// How many of the snapshot's rows are of pictures that are gone.
// Throws BadFormat where it lacks a picture that it should cover, or comes from a later state.
std::size_t require_covers(const Snapshot& snapshot, const EmbeddingTable& images, const StateRecord& state);

}  // namespace tandem::gallery

// What the pages of a damaged catalogue still say.
//
// Values and a free function.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gallery/records.h"
#include "gallery/sqlite_pages.h"

namespace tandem::gallery {

// Where something may have been, by a row whose checksum does not fit or by an entry of an index, which has
// none.
struct PathHint {
  std::int64_t id = 0;      // of the picture or the folder
  std::int64_t parent = 0;  // a picture's folder; 1 for a folder relative to the gallery, else 0
  std::string name;
  bool of_row = false;  // of a damaged row, else of an index
};

struct SalvagedRows {
  // Of the rows whose checksums fit.
  std::optional<ManifestRecord> manifest;
  std::optional<StateRecord> state;
  std::map<std::int64_t, FolderRecord> folders;
  std::map<ImageId, StoredImage> images;
  std::map<CaptionId, StoredCaption> captions;
  std::vector<StoredSkip> skipped;
  std::map<std::int64_t, SegmentRecord> segments;

  std::vector<PathHint> image_hints;
  std::vector<PathHint> folder_hints;
  std::vector<std::string> damaged_captions;  // their texts, as far as they can be read
};

// Reads the rows from the bytes of a catalogue, whatever else is in them. Holes are left out: they are
// what nothing else claims. `most_tries` as visit_pages() has it.
SalvagedRows salvage_rows(std::span<const std::byte> file, std::size_t most_tries = kMostTries);

}  // namespace tandem::gallery

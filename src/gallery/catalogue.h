// catalogue.sqlite: which pictures, captions and skipped files a gallery has, and where their rows lie.
//
// Free functions over a Database, for one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gallery/manifest.h"
#include "gallery/records.h"
#include "gallery/sqlite.h"

namespace tandem::gallery {

// Throws BadFormat where the database is not a catalogue with just these tables, VersionTooNew.
void require_catalogue(Database& database);

// Everything in it, each table by id. Read it within a transaction.
struct CatalogueContents {
  Manifest manifest;  // the copy in the catalogue
  StateRecord state;
  std::vector<FolderRecord> folders;
  std::vector<StoredImage> images;
  std::vector<StoredCaption> captions;
  std::vector<StoredSkip> skipped;
  std::vector<SegmentRecord> segments;
  std::vector<HoleRecord> holes;
};

// Makes the tables in an empty database, and writes `contents` into them: of a new gallery only a manifest.
void create_catalogue(Database& database, const CatalogueContents& contents);

// Throws BadFormat for rows whose checksum does not fit.
CatalogueContents read_catalogue(Database& database);
StateRecord read_state(Database& database);
Manifest read_manifest_copy(Database& database);
std::vector<FolderRecord> read_folders(Database& database);
std::vector<SegmentRecord> read_segments(Database& database);
std::vector<HoleRecord> read_holes(Database& database);

// Throws BadFormat where the catalogue and the manifest are of two galleries.
void require_same_gallery(const Manifest& copy, const Manifest& manifest, const std::string& name);

// Calls `report` with each thing that does not fit together: counts, ids, folders, and rows of segments
// that belong to nobody or to two.
void check_contents(const CatalogueContents& contents, const Manifest& manifest,
                    const std::function<void(const std::string&)>& report);

}  // namespace tandem::gallery

#include "gallery/catalogue.h"

#include <array>
#include <span>

#include "core/fail.h"

namespace tandem::gallery {
namespace {

constexpr std::int64_t kApplicationId = 0x54414e44;  // "TAND"

// STRICT: a value keeps the type it was given. The text of these is compared on opening.
constexpr std::array kTables = {
    "CREATE TABLE manifest(id INTEGER PRIMARY KEY, text TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT",
    "CREATE TABLE state(id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, next_folder INTEGER NOT NULL, "
    "next_image INTEGER NOT NULL, next_caption INTEGER NOT NULL, next_segment INTEGER NOT NULL, "
    "images INTEGER NOT NULL, captions INTEGER NOT NULL, skipped INTEGER NOT NULL, checksum INTEGER NOT "
    "NULL) "
    "STRICT",
    "CREATE TABLE folders(id INTEGER PRIMARY KEY, relative INTEGER NOT NULL, path BLOB NOT NULL, "
    "checksum INTEGER NOT NULL, UNIQUE(relative, path)) STRICT",
    "CREATE TABLE images(id INTEGER PRIMARY KEY, folder INTEGER NOT NULL, name BLOB NOT NULL, "
    "bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, content_hash TEXT NOT NULL, width INTEGER NOT "
    "NULL, "
    "height INTEGER NOT NULL, metadata TEXT NOT NULL, segment INTEGER NOT NULL, first INTEGER NOT NULL, "
    "count INTEGER NOT NULL, rows_checksum INTEGER NOT NULL, token_segment INTEGER NOT NULL, "
    "token_first INTEGER NOT NULL, token_count INTEGER NOT NULL, token_checksum INTEGER NOT NULL, "
    "checksum INTEGER NOT NULL, UNIQUE(folder, name)) STRICT",
    "CREATE TABLE captions(id INTEGER PRIMARY KEY, image INTEGER NOT NULL, text TEXT NOT NULL, "
    "language TEXT NOT NULL, segment INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, "
    "rows_checksum INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT",
    "CREATE TABLE skipped(folder INTEGER NOT NULL, name BLOB NOT NULL, bytes INTEGER NOT NULL, "
    "modified_ns INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, checksum INTEGER NOT NULL, "
    "UNIQUE(folder, name)) STRICT",
    "CREATE TABLE segments(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, rows INTEGER NOT NULL, "
    "checksum INTEGER NOT NULL) STRICT",
    "CREATE TABLE holes(segment INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, "
    "rows_checksum INTEGER NOT NULL, checksum INTEGER NOT NULL, UNIQUE(segment, first)) STRICT",
    "CREATE INDEX captions_by_image ON captions(image)",
};

template <typename Record>
std::vector<Record> read_table(Database& database) {
  Statement statement(database, fmt::format("SELECT * FROM {} ORDER BY rowid", Table<Record>::kName));
  std::vector<Record> records;
  while (statement.step()) records.push_back(parse_row<Record>(statement.row(), database));
  return records;
}

// The only row of a table.
template <typename Record>
Record read_single(Database& database) {
  auto rows = read_table<Record>(database);
  if (rows.size() != 1) {
    fail(ErrorCode::kBadFormat, "{}: table {} has {} rows, 1 is wanted; it is damaged",
         database.path().string(), Table<Record>::kName, rows.size());
  }
  return std::move(rows.front());
}

template <typename Record>
void insert(Database& database, std::span<const Record> records) {
  using Kind = Table<Record>;
  Statement statement(database, insertion("INSERT", Kind::kName, Kind::kColumns));
  for (const Record& record : records) statement.run(sealed_row(record));
}

}  // namespace

void create_catalogue(Database& database, const CatalogueContents& contents) {
  database.execute("BEGIN IMMEDIATE");
  database.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kCatalogueVersion));
  for (const char* table : kTables) database.execute(table);
  const ManifestRecord manifest{format_manifest(contents.manifest)};
  insert(database, std::span(&manifest, 1));
  insert(database, std::span(&contents.state, 1));
  insert(database, std::span(contents.folders));
  insert(database, std::span(contents.images));
  insert(database, std::span(contents.captions));
  insert(database, std::span(contents.skipped));
  insert(database, std::span(contents.segments));
  insert(database, std::span(contents.holes));
  database.execute("COMMIT");
}

void require_catalogue(Database& database) {
  const std::string name = database.path().string();
  if (const auto id = database.integer("PRAGMA application_id"); id != kApplicationId) {
    fail(ErrorCode::kBadFormat, "{}: is not the catalogue of a gallery: application id {}, {} is wanted",
         name, id, kApplicationId);
  }
  const auto version = database.integer("PRAGMA user_version");
  if (version > kCatalogueVersion) {
    fail(ErrorCode::kVersionTooNew, "{}: has version {}, this library reads up to {}; update the library",
         name, version, kCatalogueVersion);
  }
  if (version < 1) fail(ErrorCode::kBadFormat, "{}: has version {}, at least 1 is wanted", name, version);
  Statement statement(database, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  std::size_t found = 0;
  while (statement.step()) {
    const Row row = statement.row();
    const auto* sql = std::get_if<std::string>(&row.at(0));
    if (found == kTables.size() || sql == nullptr || *sql != kTables[found]) {
      fail(ErrorCode::kBadFormat, "{}: its table number {} is not that of a catalogue; it is damaged", name,
           found + 1);
    }
    ++found;
  }
  if (found != kTables.size()) {
    fail(ErrorCode::kBadFormat, "{}: has {} tables and indexes, {} are wanted; it is damaged", name, found,
         kTables.size());
  }
}

CatalogueContents read_catalogue(Database& database) {
  CatalogueContents contents;
  contents.manifest = read_manifest_copy(database);
  contents.state = read_state(database);
  contents.folders = read_folders(database);
  contents.images = read_table<StoredImage>(database);
  contents.captions = read_table<StoredCaption>(database);
  contents.skipped = read_table<StoredSkip>(database);
  contents.segments = read_segments(database);
  contents.holes = read_holes(database);
  return contents;
}

StateRecord read_state(Database& database) { return read_single<StateRecord>(database); }

Manifest read_manifest_copy(Database& database) {
  return parse_manifest(read_single<ManifestRecord>(database).text,
                        database.path().string() + ": its copy of the manifest");
}

std::vector<FolderRecord> read_folders(Database& database) { return read_table<FolderRecord>(database); }

std::vector<SegmentRecord> read_segments(Database& database) { return read_table<SegmentRecord>(database); }

std::vector<HoleRecord> read_holes(Database& database) { return read_table<HoleRecord>(database); }

void require_same_gallery(const Manifest& copy, const Manifest& manifest, const std::string& name) {
  if (copy == manifest) return;
  if (copy.uuid != manifest.uuid) {
    fail(ErrorCode::kBadFormat,
         "{}: belongs to gallery {}, {} to gallery {}; put back the file that belongs here", name, copy.uuid,
         kManifestName, manifest.uuid);
  }
  fail(ErrorCode::kBadFormat,
       "{}: its copy of {} says something else than that file; one of them was changed", name, kManifestName);
}

}  // namespace tandem::gallery

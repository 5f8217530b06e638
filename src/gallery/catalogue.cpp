#include "gallery/catalogue.h"

#include <array>

#include "core/fail.h"

namespace tandem::gallery {
namespace {

constexpr std::int64_t kApplicationId = 0x54414e44;  // "TAND"

// STRICT: a value keeps the type it was given. The text of these is compared on opening.
constexpr std::array kTables = {
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

}  // namespace

void create_catalogue(Database& database) {
  database.execute("BEGIN IMMEDIATE");
  database.execute(
      fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kFormatVersion));
  for (const char* table : kTables) database.execute(table);
  using State = Table<StateRecord>;
  Statement(database, insertion("INSERT", State::kName, State::kColumns)).run(sealed_row(StateRecord()));
  database.execute("COMMIT");
}

void require_catalogue(Database& database) {
  const std::string name = database.path().string();
  if (const auto id = database.integer("PRAGMA application_id"); id != kApplicationId) {
    fail(ErrorCode::kBadFormat, "{}: is not the catalogue of a gallery: application id {}, {} is wanted",
         name, id, kApplicationId);
  }
  const auto version = database.integer("PRAGMA user_version");
  if (version > kFormatVersion) {
    fail(ErrorCode::kVersionTooNew, "{}: has version {}, this library reads up to {}; update the library",
         name, version, kFormatVersion);
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
  contents.state = read_state(database);
  contents.folders = read_folders(database);
  contents.images = read_table<StoredImage>(database);
  contents.captions = read_table<StoredCaption>(database);
  contents.skipped = read_table<StoredSkip>(database);
  contents.segments = read_segments(database);
  contents.holes = read_table<HoleRecord>(database);
  return contents;
}

StateRecord read_state(Database& database) {
  const auto rows = read_table<StateRecord>(database);
  if (rows.size() != 1) {
    fail(ErrorCode::kBadFormat, "{}: has {} state rows, 1 is wanted; it is damaged", database.path().string(),
         rows.size());
  }
  return rows.front();
}

std::vector<FolderRecord> read_folders(Database& database) { return read_table<FolderRecord>(database); }

std::vector<SegmentRecord> read_segments(Database& database) { return read_table<SegmentRecord>(database); }

}  // namespace tandem::gallery

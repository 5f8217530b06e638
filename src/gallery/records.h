// The records of the catalogue, one for each table, and how they become rows and back.
//
// Values. Every row ends in a checksum over its other columns and its table's name, so that a damaged row
// is found wherever it is read.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "gallery/paths.h"
#include "gallery/segment_format.h"
#include "gallery/sqlite.h"
#include "tandem/gallery.h"

namespace tandem::gallery {

// Rows [first, first + count) of a segment, and the checksum of their bytes. Segment 0 stands for none. They
// are ordered by where they lie.
struct Extent {
  std::int64_t segment = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t checksum = 0;
  friend auto operator<=>(const Extent&, const Extent&) = default;
};

// One row: what is counted and what comes next. The generation grows by one with each commit.
struct StateRecord {
  std::int64_t generation = 0;
  std::int64_t next_folder = 1;
  std::int64_t next_image = 1;
  std::int64_t next_caption = 1;
  std::int64_t next_segment = 1;
  std::int64_t images = 0;
  std::int64_t captions = 0;
  std::int64_t skipped = 0;
};

// One row: the text of manifest.json, so that one of the two tells what a damaged other was.
struct ManifestRecord {
  std::string text;
};

struct FolderRecord {
  std::int64_t id = 0;
  StoredFolder folder;
};

// A picture's row: its path is that of `folder` and `name`.
struct StoredImage {
  std::int64_t folder = 0;
  std::string name;
  ImageRecord record;  // the path is left to the reader
  Extent embedding;
  Extent tokens;
};

struct StoredCaption {
  CaptionRecord record;
  Extent embedding;
};

struct StoredSkip {
  std::int64_t folder = 0;
  std::string name;
  SkippedRecord record;  // the path is left to the reader
};

struct SegmentRecord {
  std::int64_t id = 0;
  SegmentKind kind = SegmentKind::kImages;
  std::uint64_t rows = 0;  // committed
};

// Rows of a segment that belong to nobody any more.
struct HoleRecord {
  Extent extent;
};

// A table: its name and its columns, the checksum included.
template <typename Record>
struct Table;

#define TANDEM_TABLE(RECORD, NAME, COLUMNS)    \
  template <>                                  \
  struct Table<RECORD> {                       \
    static constexpr const char* kName = NAME; \
    static constexpr int kColumns = COLUMNS;   \
  }
TANDEM_TABLE(StateRecord, "state", 10);
TANDEM_TABLE(ManifestRecord, "manifest", 3);
TANDEM_TABLE(FolderRecord, "folders", 4);
TANDEM_TABLE(StoredImage, "images", 18);
TANDEM_TABLE(StoredCaption, "captions", 9);
TANDEM_TABLE(StoredSkip, "skipped", 7);
TANDEM_TABLE(SegmentRecord, "segments", 4);
TANDEM_TABLE(HoleRecord, "holes", 5);
#undef TANDEM_TABLE

// "VERB INTO table VALUES(?, ...)" for a sealed row; `verb` is INSERT or REPLACE.
std::string insertion(const char* verb, const char* table, int columns);

// The columns without the checksum.
Row to_row(const StateRecord& record);
Row to_row(const ManifestRecord& record);
Row to_row(const FolderRecord& record);
Row to_row(const StoredImage& record);
Row to_row(const StoredCaption& record);
Row to_row(const StoredSkip& record);
Row to_row(const SegmentRecord& record);
Row to_row(const HoleRecord& record);

// Takes the values of a row one after the other. A value of another kind is BadFormat.
class RowReader {
 public:
  // Checks the checksum in the last column; `where` names the catalogue in messages.
  RowReader(Row row, const char* table, int columns, std::string where);

  std::int64_t integer();
  std::uint64_t count();     // not negative
  std::uint64_t checksum();  // any 64 bits
  std::string text();
  std::string bytes();
  Extent extent();
  [[noreturn]] void fail_damaged(const std::string& found) const;

 private:
  template <typename T>
  T take(const char* wanted);

  Row row_;
  std::size_t at_ = 0;
  std::string where_;
};

void from_row(RowReader& row, StateRecord& record);
void from_row(RowReader& row, ManifestRecord& record);
void from_row(RowReader& row, FolderRecord& record);
void from_row(RowReader& row, StoredImage& record);
void from_row(RowReader& row, StoredCaption& record);
void from_row(RowReader& row, StoredSkip& record);
void from_row(RowReader& row, SegmentRecord& record);
void from_row(RowReader& row, HoleRecord& record);

// `row` with its checksum behind it.
Row sealed(const char* table, Row row);
// Whether the checksum in the last column fits.
bool is_sealed(const char* table, const Row& row);

template <typename Record>
Row sealed_row(const Record& record) {
  return sealed(Table<Record>::kName, to_row(record));
}

template <typename Record>
Record parse_row(Row row, const Database& database) {
  RowReader reader(std::move(row), Table<Record>::kName, Table<Record>::kColumns, database.path().string());
  Record record;
  from_row(reader, record);
  return record;
}

}  // namespace tandem::gallery

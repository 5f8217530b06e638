#include "gallery/records.h"

#include <array>
#include <bit>

#include "core/fail.h"
#include "core/hash.h"
#include "index/bytes.h"

namespace tandem::gallery {
namespace {

// Each value as a letter for its kind, then an integer's 8 bytes, or a length in 8 bytes and the bytes.
std::int64_t checksum_of(const char* table, std::span<const Value> values) {
  index::ByteWriter writer;
  const auto put_text = [&](char kind, std::string_view text) {
    writer.put(kind);
    writer.put<std::uint64_t>(text.size());
    writer.put_text(text);
  };
  put_text('t', table);
  for (const Value& value : values) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      writer.put('i');
      writer.put(*integer);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      put_text('t', *text);
    } else {
      put_text('b', std::get<Blob>(value).bytes);
    }
  }
  return std::bit_cast<std::int64_t>(checksum64(writer.bytes()));
}

void put_extent(Row& row, const Extent& extent) {
  row.emplace_back(extent.segment);
  row.emplace_back(static_cast<std::int64_t>(extent.first));
  row.emplace_back(static_cast<std::int64_t>(extent.count));
  row.emplace_back(std::bit_cast<std::int64_t>(extent.checksum));
}

void put_stamp(Row& row, const FileStamp& stamp) {
  row.emplace_back(static_cast<std::int64_t>(stamp.bytes));
  row.emplace_back(stamp.modified_ns);
}

FileStamp take_stamp(RowReader& row) {
  FileStamp stamp;
  stamp.bytes = row.count();
  stamp.modified_ns = row.integer();
  return stamp;
}

ErrorCode parse_code(const RowReader& row, const std::string& name) {
  constexpr std::array kCodes = {
      ErrorCode::kInvalidArgument, ErrorCode::kNotFound, ErrorCode::kBadFormat, ErrorCode::kVersionTooNew,
      ErrorCode::kUnsupported,     ErrorCode::kBackend,  ErrorCode::kBusy,      ErrorCode::kCancelled};
  for (const ErrorCode code : kCodes) {
    if (name == to_string(code)) return code;
  }
  row.fail_damaged("the unknown error code \"" + name + "\"");
}

}  // namespace

std::string insertion(const char* verb, const char* table, int columns) {
  std::string text = fmt::format("{} INTO {} VALUES(?", verb, table);
  for (int i = 1; i < columns; ++i) text += ", ?";
  return text + ")";
}

Row sealed(const char* table, Row row) {
  const std::int64_t checksum = checksum_of(table, row);
  row.emplace_back(checksum);
  return row;
}

bool is_sealed(const char* table, const Row& row) {
  const auto* checksum = row.empty() ? nullptr : std::get_if<std::int64_t>(&row.back());
  return checksum != nullptr && *checksum == checksum_of(table, std::span(row).first(row.size() - 1));
}

RowReader::RowReader(Row row, const char* table, int columns, std::string where)
    : row_(std::move(row)), where_(fmt::format("{}: table {}", where, table)) {
  if (row_.size() != static_cast<std::size_t>(columns)) {
    fail_damaged(fmt::format("a row of {} columns instead of {}", row_.size(), columns));
  }
  if (!is_sealed(table, row_)) {
    const auto* id = std::get_if<std::int64_t>(&row_.front());
    fail_damaged(fmt::format("a row (first column {}) whose checksum does not fit", id == nullptr ? 0 : *id));
  }
}

void RowReader::fail_damaged(const std::string& found) const {
  fail(ErrorCode::kBadFormat, "{}: has {}; the catalogue is damaged, restore it from a copy", where_, found);
}

template <typename T>
T RowReader::take(const char* wanted) {
  T* value = at_ < row_.size() ? std::get_if<T>(&row_[at_]) : nullptr;
  if (value == nullptr) fail_damaged(fmt::format("no {} in column {}", wanted, at_));
  ++at_;
  return std::move(*value);
}

std::int64_t RowReader::integer() { return take<std::int64_t>("integer"); }

std::uint64_t RowReader::count() {
  const std::int64_t value = integer();
  if (value < 0) fail_damaged(fmt::format("the negative number {} in column {}", value, at_ - 1));
  return static_cast<std::uint64_t>(value);
}

std::uint64_t RowReader::checksum() { return std::bit_cast<std::uint64_t>(integer()); }

std::string RowReader::text() { return take<std::string>("text"); }

std::string RowReader::bytes() { return take<Blob>("bytes").bytes; }

Extent RowReader::extent() {
  Extent extent;
  extent.segment = integer();
  extent.first = count();
  extent.count = count();
  extent.checksum = checksum();
  return extent;
}

Row to_row(const ManifestRecord& record) { return {std::int64_t{1}, record.text}; }

void from_row(RowReader& row, ManifestRecord& record) {
  row.integer();
  record.text = row.text();
}

Row to_row(const StateRecord& record) {
  return {std::int64_t{1},     record.generation, record.next_folder, record.next_image, record.next_caption,
          record.next_segment, record.images,     record.captions,    record.skipped};
}

void from_row(RowReader& row, StateRecord& record) {
  row.integer();  // the row is the only one: its id is 1
  for (std::int64_t* field :
       {&record.generation, &record.next_folder, &record.next_image, &record.next_caption,
        &record.next_segment, &record.images, &record.captions, &record.skipped}) {
    *field = static_cast<std::int64_t>(row.count());
  }
}

Row to_row(const FolderRecord& record) {
  return {record.id, std::int64_t{record.folder.relative}, Blob{record.folder.path}};
}

void from_row(RowReader& row, FolderRecord& record) {
  record.id = row.integer();
  record.folder.relative = row.integer() != 0;
  record.folder.path = row.bytes();
}

Row to_row(const StoredImage& image) {
  const ImageRecord& record = image.record;
  Row row = {record.id, image.folder, Blob{image.name}};
  put_stamp(row, record.stamp);
  row.emplace_back(record.content_hash);
  row.emplace_back(static_cast<std::int64_t>(record.width));
  row.emplace_back(static_cast<std::int64_t>(record.height));
  row.emplace_back(record.metadata);
  put_extent(row, image.embedding);
  put_extent(row, image.tokens);
  return row;
}

void from_row(RowReader& row, StoredImage& image) {
  image.record.id = row.integer();
  image.folder = row.integer();
  image.name = row.bytes();
  image.record.stamp = take_stamp(row);
  image.record.content_hash = row.text();
  image.record.width = row.count();
  image.record.height = row.count();
  image.record.metadata = row.text();
  image.embedding = row.extent();
  image.tokens = row.extent();
}

Row to_row(const StoredCaption& caption) {
  const CaptionRecord& record = caption.record;
  Row row = {record.id, record.image, record.text.text, record.text.language};
  put_extent(row, caption.embedding);
  return row;
}

void from_row(RowReader& row, StoredCaption& caption) {
  caption.record.id = row.integer();
  caption.record.image = row.integer();
  caption.record.text.text = row.text();
  caption.record.text.language = row.text();
  caption.embedding = row.extent();
}

Row to_row(const StoredSkip& skip) {
  Row row = {skip.folder, Blob{skip.name}};
  put_stamp(row, skip.record.stamp);
  row.emplace_back(std::string(to_string(skip.record.code)));
  row.emplace_back(skip.record.reason);
  return row;
}

void from_row(RowReader& row, StoredSkip& skip) {
  skip.folder = row.integer();
  skip.name = row.bytes();
  skip.record.stamp = take_stamp(row);
  skip.record.code = parse_code(row, row.text());
  skip.record.reason = row.text();
}

Row to_row(const SegmentRecord& record) {
  return {record.id, static_cast<std::int64_t>(record.kind), static_cast<std::int64_t>(record.rows)};
}

void from_row(RowReader& row, SegmentRecord& record) {
  record.id = row.integer();
  const std::int64_t kind = row.integer();
  if (kind < 1 || kind > 3) row.fail_damaged(fmt::format("the unknown kind of segment {}", kind));
  record.kind = static_cast<SegmentKind>(kind);
  record.rows = row.count();
}

Row to_row(const HoleRecord& record) {
  Row row;
  put_extent(row, record.extent);
  return row;
}

void from_row(RowReader& row, HoleRecord& record) { record.extent = row.extent(); }

}  // namespace tandem::gallery

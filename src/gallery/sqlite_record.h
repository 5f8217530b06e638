// The parts of an SQLite file that are alike on all its pages: numbers, and records.
//
// For one thread; any bytes may be given. https://www.sqlite.org/fileformat2.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "gallery/sqlite.h"

namespace tandem::gallery {

// Takes numbers and bytes from the front; what is not there any more makes it fail for good.
class SqliteCursor {
 public:
  explicit SqliteCursor(std::span<const std::byte> bytes) : left_(bytes) {}

  bool failed() const { return failed_; }
  bool empty() const { return left_.empty(); }
  std::size_t size() const { return left_.size(); }

  std::span<const std::byte> take(std::uint64_t size);
  // Big-endian, of `size` bytes.
  std::uint64_t number(std::size_t size);
  // Seven bits from each byte while the high bit is set; a ninth byte gives eight.
  std::uint64_t varint();

 private:
  std::span<const std::byte> left_;
  bool failed_ = false;
};

// A record is a header of types, its own size first, and then the values. `first` stands for a first column
// that is null. Nothing where it cannot be taken apart, or has other nulls or real numbers.
std::optional<Row> parse_sqlite_record(std::span<const std::byte> record, std::optional<std::int64_t> first);

}  // namespace tandem::gallery

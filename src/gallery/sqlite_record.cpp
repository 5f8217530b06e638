#include "gallery/sqlite_record.h"

#include <string>

namespace tandem::gallery {
namespace {

using Bytes = std::span<const std::byte>;

std::optional<Value> take_value(SqliteCursor& body, std::uint64_t type) {
  if (type >= 12) {
    const Bytes bytes = body.take((type - 12) / 2);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (type % 2 == 0) return Blob{std::move(text)};
    return text;
  }
  if (type == 8 || type == 9) return static_cast<std::int64_t>(type - 8);
  constexpr std::size_t kSizes[] = {0, 1, 2, 3, 4, 6, 8};
  if (type == 0 || type > 6) return std::nullopt;
  const unsigned unused = 64 - 8 * static_cast<unsigned>(kSizes[type]);
  return static_cast<std::int64_t>(body.number(kSizes[type]) << unused) >> unused;  // with its sign
}

}  // namespace

std::span<const std::byte> SqliteCursor::take(std::uint64_t size) {
  if (size > left_.size()) {
    failed_ = true;
    left_ = {};
    return {};
  }
  const auto taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

std::uint64_t SqliteCursor::number(std::size_t size) {
  std::uint64_t value = 0;
  for (const std::byte byte : take(size)) value = value << 8 | static_cast<std::uint64_t>(byte);
  return value;
}

std::uint64_t SqliteCursor::varint() {
  std::uint64_t value = 0;
  for (int i = 0; i < 9; ++i) {
    const std::uint64_t byte = number(1);
    if (i == 8) return value << 8 | byte;
    value = value << 7 | (byte & 0x7f);
    if (byte < 0x80) break;
  }
  return value;
}

std::optional<Row> parse_sqlite_record(Bytes record, std::optional<std::int64_t> first) {
  SqliteCursor sizes(record);
  const std::uint64_t header_bytes = sizes.varint();
  if (sizes.failed() || header_bytes > record.size()) return std::nullopt;
  const std::size_t size_bytes = record.size() - sizes.size();
  if (header_bytes < size_bytes) return std::nullopt;
  SqliteCursor types(record.subspan(size_bytes, header_bytes - size_bytes));
  SqliteCursor body(record.subspan(header_bytes));
  Row row;
  while (!types.empty()) {
    const std::uint64_t type = types.varint();
    auto value = type == 0 && row.empty() && first ? std::optional<Value>(*first) : take_value(body, type);
    if (!value || types.failed() || body.failed()) return std::nullopt;
    row.push_back(std::move(*value));
  }
  return row;
}

}  // namespace tandem::gallery

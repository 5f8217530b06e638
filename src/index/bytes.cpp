#include "index/bytes.h"

#include "core/fail.h"
#include "core/hash.h"

namespace tandem::index {

void ByteWriter::put_checksum() { put(checksum64(bytes_)); }

std::span<const std::byte> ByteReader::get_bytes(std::uint64_t size) {
  if (size > left_.size()) {
    fail(ErrorCode::kBadFormat,
         "{}: ends too early, {} more bytes are wanted and {} are there; it is truncated", name_, size,
         left_.size());
  }
  const auto bytes = left_.first(size);
  left_ = left_.subspan(size);
  return bytes;
}

std::string_view ByteReader::get_text(std::uint64_t size) {
  const auto bytes = get_bytes(size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t require_magic(ByteReader& reader, std::string_view magic, std::uint32_t newest,
                            std::string_view kind) {
  if (reader.get_text(magic.size()) != magic) {
    fail(ErrorCode::kBadFormat, "{}: is not {}: it does not begin with \"{}\"", reader.name(), kind, magic);
  }
  const auto version = reader.get<std::uint32_t>();
  if (version == 0) fail(ErrorCode::kBadFormat, "{}: has version 0, which {} never has", reader.name(), kind);
  if (version > newest) {
    fail(ErrorCode::kVersionTooNew, "{}: has version {}, this library reads up to {}; update the library",
         reader.name(), version, newest);
  }
  return version;
}

std::span<const std::byte> require_checksum(std::span<const std::byte> bytes, std::string_view name) {
  constexpr std::size_t kSize = sizeof(std::uint64_t);
  const auto body = bytes.first(bytes.size() < kSize ? 0 : bytes.size() - kSize);
  std::uint64_t stored = 0;
  if (bytes.size() >= kSize) std::memcpy(&stored, bytes.data() + body.size(), kSize);
  if (bytes.size() < kSize || stored != checksum64(body)) {
    fail(ErrorCode::kBadFormat, "{}: its checksum does not fit its {} bytes; it is damaged or truncated",
         name, bytes.size());
  }
  return body;
}

}  // namespace tandem::index

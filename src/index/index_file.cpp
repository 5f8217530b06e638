#include "index/index_file.h"

#include <cstring>

#include "core/fail.h"
#include "index/bytes.h"

namespace tandem::index {
namespace {

constexpr std::string_view kKind = "an index file";
constexpr std::string_view kMagic = "TANDEMIX";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFrameBytes = 56;  // all but the index string and the body
constexpr std::uint64_t kMaxSpecBytes = 1024;

// All but the bytes of the body, of which it returns how many there should be.
std::uint64_t take_header(ByteReader& reader, IndexFile& file) {
  require_magic(reader, kMagic, kVersion, kKind);
  file.body = static_cast<IndexBody>(reader.get<std::uint32_t>());
  file.dimension = reader.get<std::uint64_t>();
  file.count = reader.get<std::uint64_t>();
  const auto spec_bytes = reader.get<std::uint64_t>();
  const auto body_bytes = reader.get<std::uint64_t>();
  if (file.body != IndexBody::kRows && file.body != IndexBody::kFaiss) {
    fail(ErrorCode::kBadFormat, "{}: has an unknown kind of body ({})", reader.name(),
         static_cast<std::uint32_t>(file.body));
  }
  if (file.dimension == 0 || file.dimension > kMaxDimension || spec_bytes > kMaxSpecBytes) {
    fail(ErrorCode::kBadFormat, "{}: its header is out of range (dimension {}, {} bytes of index string)",
         reader.name(), file.dimension, spec_bytes);
  }
  file.spec = reader.get_text(spec_bytes);
  return body_bytes;
}

}  // namespace

std::vector<std::byte> format_index_file(const IndexFile& file) {
  ByteWriter writer;
  writer.reserve(file.spec.size() + file.bytes.size() + kFrameBytes);
  writer.put_text(kMagic);
  writer.put(kVersion);
  writer.put(static_cast<std::uint32_t>(file.body));
  writer.put<std::uint64_t>(file.dimension);
  writer.put<std::uint64_t>(file.count);
  writer.put<std::uint64_t>(file.spec.size());
  writer.put<std::uint64_t>(file.bytes.size());
  writer.put_text(file.spec);
  writer.put_bytes(file.bytes);
  writer.put_checksum();
  return writer.take();
}

IndexFile parse_index_file(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader version_reader(bytes, name);
  require_magic(version_reader, kMagic, kVersion, kKind);
  ByteReader reader(require_checksum(bytes, name), name);
  IndexFile file;
  file.bytes = reader.get_bytes(take_header(reader, file));
  if (!reader.left().empty()) {
    fail(ErrorCode::kBadFormat, "{}: has {} bytes behind its end", name, reader.left().size());
  }
  return file;
}

std::string spec_in_index_file(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  IndexFile file;
  take_header(reader, file);
  return file.spec;
}

std::vector<std::byte> format_rows(std::span<const std::int64_t> ids, MatrixView vectors) {
  ByteWriter writer;
  writer.put_bytes(std::as_bytes(ids));
  writer.put_bytes(std::as_bytes(std::span(vectors.data(), vectors.size())));
  return writer.take();
}

void add_rows(VectorIndex& index, const IndexFile& file, const std::string& name) {
  const std::uint64_t row_bytes = sizeof(std::int64_t) + file.dimension * sizeof(float);
  if (file.bytes.size() % row_bytes != 0 || file.bytes.size() / row_bytes != file.count) {
    fail(ErrorCode::kBadFormat, "{}: says {} rows of {} values, its {} bytes do not hold that", name,
         file.count, file.dimension, file.bytes.size());
  }
  std::vector<std::int64_t> ids(file.count);
  Matrix vectors(file.count, file.dimension);
  const auto id_bytes = file.bytes.first(ids.size() * sizeof(std::int64_t));
  if (file.count > 0) {
    std::memcpy(ids.data(), id_bytes.data(), id_bytes.size());
    std::memcpy(vectors.data(), file.bytes.data() + id_bytes.size(), file.bytes.size() - id_bytes.size());
  }
  try {
    index.add(vectors, ids);
  } catch (const Error& error) {
    fail(ErrorCode::kBadFormat, "{}: {}", name, error.what());
  }
}

}  // namespace tandem::index

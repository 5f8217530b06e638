// The file format of an index: a header that says what it is, a body, a checksum over both.
//
// Free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tandem/index.h"
#include "tandem/matrix.h"

namespace tandem::index {

inline constexpr std::size_t kMaxDimension = 1
                                             << 20;  // far above any model's, so that products never overflow

enum class IndexBody : std::uint32_t {
  kRows = 1,   // ids, then vectors, as they were added
  kFaiss = 2,  // what FAISS writes
};

struct IndexFile {
  std::string spec;
  std::size_t dimension = 0;
  std::size_t count = 0;
  IndexBody body = IndexBody::kRows;
  std::span<const std::byte> bytes;  // of the body
};

std::vector<std::byte> format_index_file(const IndexFile& file);

// The result looks into `bytes`. Throws BadFormat (another file, truncated, damaged), VersionTooNew.
IndexFile parse_index_file(std::span<const std::byte> bytes, const std::string& name);

// The index string alone, without a look at the checksum. Throws as parse_index_file().
std::string spec_in_index_file(std::span<const std::byte> bytes, const std::string& name);

// The body kRows for these rows, and its inverse: adds the rows of `file` to `index`.
std::vector<std::byte> format_rows(std::span<const std::int64_t> ids, MatrixView vectors);
void add_rows(VectorIndex& index, const IndexFile& file, const std::string& name);

}  // namespace tandem::index

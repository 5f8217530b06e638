// An index that can be written to bytes: what every index of the library is.
//
// Threads as in tandem/index.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/file_system.h"
#include "tandem/index.h"

namespace tandem::index {

class StoredIndex : public VectorIndex {
 public:
  // The bytes of an index file (docs/gallery-format.md).
  virtual std::vector<std::byte> to_bytes() const = 0;
  // The ids of all rows, in order of adding.
  virtual std::vector<std::int64_t> ids() const = 0;

  void save(const std::filesystem::path& path) const final;
};

// As make_index() and load_index(), but for bytes; `name` stands for them in messages.
std::unique_ptr<StoredIndex> make_stored_index(const std::string& spec, std::size_t dimension);
std::unique_ptr<StoredIndex> index_from_bytes(std::span<const std::byte> bytes, const std::string& name);

// save() and load_index() on any file system.
void save_index(FileSystem& files, const StoredIndex& index, const std::filesystem::path& path);
std::unique_ptr<StoredIndex> load_index(FileSystem& files, const std::filesystem::path& path);

}  // namespace tandem::index

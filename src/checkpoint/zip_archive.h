// A zip file, memory-mapped, read through libzip: PyTorch's files and numpy's .npz are zip files.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/stored_bytes.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

// Whether the bytes begin as those of a zip file.
bool is_zip(std::span<const std::byte> bytes);

class ZipArchive {
 public:
  // Reads the table of contents only. Throws BadFormat, naming `place`, where the bytes are no zip file.
  ZipArchive(std::shared_ptr<const MappedFile> file, std::string place);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  // In the order of the table of contents.
  const std::vector<std::string>& names() const;
  bool contains(const std::string& name) const;
  // The content of an entry: a view of the mapped file where it is stored as it is (its checksum is not
  // looked at: PyTorch may leave it out), else unpacked and checked. Throws NotFound; BadFormat for more than
  // `max_bytes` and where the entry is damaged; Unsupported where it is encrypted or packed otherwise than by
  // deflate.
  StoredBytes read(const std::string& name, std::uint64_t max_bytes) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tandem::checkpoint

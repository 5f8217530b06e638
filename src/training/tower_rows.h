// What a frozen tower gives of pictures, in a file: rows of one size, appended as they are computed.
//
// For one writer at a time; const methods may be called from many threads. All numbers are little-endian:
//   header  64 bytes: "TNDMTOWR", version, rows and width of the features, longest text (32 bits each),
//           128-bit fingerprint of what it was made from as 32 hex digits, padding
//   record  features (float32), 1 if the picture could be read else 0, length of the text, its ids padded to
//           the longest (32 bits each), checksum of all that (64 bits)
// A record that is cut off, as by a kill, is not there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/file_system.h"

namespace tandem::training {

struct TowerShape {
  std::uint32_t rows = 0;
  std::uint32_t width = 0;
  std::uint32_t max_text = 0;
  bool operator==(const TowerShape&) const = default;
};

struct TowerRow {
  bool readable = false;
  std::vector<float> features;  // rows × width; zeros where the picture could not be read
  std::vector<std::int32_t> text;
};

class TowerRows {
 public:
  // Opens or creates the file; of other origin or shape it is made anew.
  TowerRows(std::filesystem::path path, const TowerShape& shape, const std::string& fingerprint,
            FileSystem& files);

  std::size_t count() const { return count_; }
  void append(const TowerRow& row);
  // What was appended can be read behind this.
  void finish();
  // Throws BadFormat where the record is damaged: its file must be removed.
  TowerRow read(std::size_t row) const;

 private:
  std::vector<std::byte> header(const std::string& fingerprint) const;
  std::size_t record_bytes() const;

  std::filesystem::path path_;
  TowerShape shape_;
  FileSystem& files_;
  std::unique_ptr<WritableFile> file_;
  std::shared_ptr<const MappedFile> mapping_;
  std::size_t count_ = 0;
};

}  // namespace tandem::training

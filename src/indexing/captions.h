// Captions files: JSON lines, one line for each picture.
//
// Immutable: const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <vector>

#include "core/file_system.h"
#include "tandem/text.h"

namespace tandem::indexing {

// Each line is as datasets::for_each_caption_line() reads it; PATH is relative to the captions file.
// A picture may have several lines.
class Captions {
 public:
  Captions() = default;  // none
  // Throws NotFound; BadFormat naming file and line.
  Captions(const FileSystem& files, const std::filesystem::path& file);

  // The captions of a picture, by its absolute path; possibly none.
  const std::vector<Text>& of(const std::filesystem::path& picture) const;
  std::size_t pictures() const { return by_picture_.size(); }
  bool empty() const { return by_picture_.empty(); }

 private:
  std::map<std::filesystem::path, std::vector<Text>> by_picture_;
};

}  // namespace tandem::indexing

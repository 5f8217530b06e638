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

// Two layouts are read, and may be mixed:
//   {"file": PATH, "captions": ["…", …], "de": "…", "fr": ["…", …]}
//   {"image": PATH, "captions": {"en": ["…", …], "de": ["…", …]}}
// PATH is relative to the captions file. In a list directly under "captions" the language is not stated;
// elsewhere the key is an ISO 639-1 code, or begins with one ("de_described"). Other fields are ignored.
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

// The ids of a file's pictures, in their order, each once.
//
// For one thread while it is filled, then immutable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tandem::regions {

class RegionIds {
 public:
  // Throws BadFormat, naming `place`, for an id that is empty, too long, not UTF-8 or there already.
  void add(std::string id, const std::string& place);

  const std::vector<std::string>& ids() const { return ids_; }
  // The number of the picture; throws NotFound, naming `file`.
  std::size_t find(const std::string& id, const std::string& file) const;

 private:
  std::vector<std::string> ids_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

// "file: picture "101"", for messages.
std::string picture_place(const std::string& file, const std::string& id);

}  // namespace tandem::regions

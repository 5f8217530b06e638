// Which contents a gallery has, and under which paths.
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace tandem::indexing {

// By the hash of the file's bytes. A hint: what is said of a path may have ceased to be true, so whoever uses
// it asks the gallery.
class KnownContents {
 public:
  // Of so many equal files, the rest is passed over: one that is there, and one that is gone, are wanted.
  static constexpr std::size_t kMostPaths = 64;

  // An empty hash is of nothing.
  void add(const std::string& hash, const std::filesystem::path& path);
  void remove(const std::string& hash, const std::filesystem::path& path);
  bool contains(const std::string& hash) const;
  // In the order in which they were added.
  std::vector<std::filesystem::path> paths_of(const std::string& hash) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<std::filesystem::path>> paths_;
};

}  // namespace tandem::indexing

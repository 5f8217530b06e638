#include "indexing/known_contents.h"

namespace tandem::indexing {

void KnownContents::add(const std::string& hash, const std::filesystem::path& path) {
  if (hash.empty()) return;
  const std::lock_guard lock(mutex_);
  auto& paths = paths_[hash];
  if (paths.size() < kMostPaths) paths.push_back(path);
}

void KnownContents::remove(const std::string& hash, const std::filesystem::path& path) {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(hash);
  if (found == paths_.end()) return;
  std::erase(found->second, path);
  if (found->second.empty()) paths_.erase(found);
}

bool KnownContents::contains(const std::string& hash) const {
  const std::lock_guard lock(mutex_);
  return paths_.contains(hash);
}

std::vector<std::filesystem::path> KnownContents::paths_of(const std::string& hash) const {
  const std::lock_guard lock(mutex_);
  const auto found = paths_.find(hash);
  return found == paths_.end() ? std::vector<std::filesystem::path>() : found->second;
}

}  // namespace tandem::indexing

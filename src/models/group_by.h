// Inputs that have the same shape, to go through a network together without padding.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

namespace tandem::models {

// Positions of the items that have the same key, by key.
template <typename Items, typename Key>
auto group_by(const Items& items, Key key) {
  std::map<decltype(key(*std::begin(items))), std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < items.size(); ++i) groups[key(items[i])].push_back(i);
  return groups;
}

}  // namespace tandem::models

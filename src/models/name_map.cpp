#include "models/name_map.h"

#include <utility>

namespace tandem::models {
namespace {

std::vector<std::string> rename(const std::vector<std::string>& names, const Rename& rule) {
  std::vector<std::string> renamed;
  for (const std::string& name : names) {
    const std::size_t at = name.find(rule.ours);
    if (at == std::string::npos) {
      renamed.push_back(name);
      continue;
    }
    for (const std::string& theirs : rule.theirs) {
      renamed.push_back(std::string(name).replace(at, rule.ours.size(), theirs));
    }
  }
  return renamed;
}

}  // namespace

NameMap operator+(NameMap first, const NameMap& second) {
  auto& sections = first.layouts_.front();
  sections.insert(sections.end(), second.layouts_.front().begin(), second.layouts_.front().end());
  return first;
}

NameMap operator|(NameMap first, const NameMap& second) {
  first.layouts_.insert(first.layouts_.end(), second.layouts_.begin(), second.layouts_.end());
  return first;
}

StoredNames NameMap::checkpoint_names(const std::string& ours, std::size_t layout) const {
  for (const NameSection& section : layouts_[layout]) {
    if (!ours.starts_with(section.ours)) continue;
    std::vector<std::string> names = {section.theirs + ours.substr(section.ours.size())};
    for (const Rename& rule : section.renames) names = rename(names, rule);
    return {names, section.transposed};
  }
  return {{ours}, false};
}

}  // namespace tandem::models

#include "models/groups.h"

namespace tandem::models {

TextPlaces::TextPlaces(std::span<const TextGroup> groups) {
  std::size_t count = 0;
  for (const TextGroup& group : groups) count += group.members.size();
  places_.resize(count);
  for (std::size_t group = 0; group < groups.size(); ++group) {
    std::int64_t row = 0;
    for (const std::size_t member : groups[group].members) places_[member] = {group, row++};
  }
}

}  // namespace tandem::models

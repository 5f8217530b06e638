// What CLIP's weights are called, in the Hugging Face port and in the state dicts of the original and of
// open_clip.
#pragma once

#include <string>
#include <vector>

#include "models/name_map.h"

namespace tandem::models {

NameMap clip_names();

// Patterns of what is no weight: positions by number, sizes and the mask of the original.
std::vector<std::string> clip_ignored_names();

}  // namespace tandem::models

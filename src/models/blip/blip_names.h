// What BLIP's weights are called, in the Hugging Face port and in the original checkpoints.
#pragma once

#include <string>
#include <vector>

#include "models/name_map.h"

namespace tandem::models {

NameMap blip_names();
// Of the vision tower in the port, which BLIP-2 has too.
NameMap blip_vision_names();

// Patterns of what training leaves behind: momentum copies, queues, the temperature.
std::vector<std::string> blip_ignored_names();

}  // namespace tandem::models

// The names of the default family's weights in its checkpoints.
#pragma once

#include "models/name_map.h"

namespace tandem::models {

NameMap tandem_names();

}  // namespace tandem::models

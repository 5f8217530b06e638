// The numbers that the layers of a loaded network compute with.
#pragma once

#include "models/network.h"

namespace tandem::models {

// Once, after its weights are there; such a network cannot be trained or saved.
void set_precision(Network& network, const ModelOptions& options);

}  // namespace tandem::models

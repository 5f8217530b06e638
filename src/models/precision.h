// The numbers that the layers of a loaded network compute with.
#pragma once

#include "models/network.h"

namespace tandem::models {

// Once for each part, after its weights are there; such a network cannot be trained or saved. `options` name
// the precision of the match.
void set_precision(Network& network, Part part, const ModelOptions& options);

// The options with a precision of the match: where they have none, `recommended` by the model if nothing
// speaks against it.
ModelOptions with_match_precision(const ModelOptions& options, Precision recommended);

}  // namespace tandem::models

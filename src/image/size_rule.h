// The size of the resized picture, by the rules of the reference image processors.
//
// Pure functions.
#pragma once

#include "image/preprocessor.h"

namespace tandem::image {

// Sides are cut off or rounded as the reference does, and may come out as 0.
// The picture must have no side of 0.
Size resized_size(const ResizeTarget& target, Size picture);

}  // namespace tandem::image

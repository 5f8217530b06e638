// The size of the resized picture, by the rules of the reference image processors.
//
// Pure functions.
#pragma once

#include "image/preprocessor.h"

namespace tandem::image {

// Sides are cut off or rounded as the reference does, and may come out as 0.
// The picture must have no side of 0.
Size resized_size(const ResizeTarget& target, Size picture);

// The largest width and the smaller height that go with it. For kMultipleOfSide, the rule under which
// pictures keep different sizes; InvalidArgument for the others.
Size largest_size(const ResizeTarget& target);

}  // namespace tandem::image

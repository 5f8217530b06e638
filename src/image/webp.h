// WebP files: checking the container.
#pragma once

#include "image/source.h"

namespace tandem::image {

bool is_webp(Bytes bytes);

// Reads the chunks and requires each to be whole. Throws BadFormat; Unsupported for an animation.
CheckedFile check_webp(const Source& source);

}  // namespace tandem::image

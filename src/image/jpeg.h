// JPEG files: checking one from end to end.
#pragma once

#include "image/source.h"

namespace tandem::image {

inline constexpr std::string_view kJpegMagic("\xff\xd8\xff", 3);

// Reads the segments and walks through the entropy-coded data once, so that every block of every row is
// known to be there: the decoder below would fill what is missing with gray or repeated rows. A missing end
// marker alone is no fault. Throws BadFormat; Unsupported for lossless, hierarchical, 12-bit and
// arithmetically coded pictures.
CheckedFile check_jpeg(const Source& source);

}  // namespace tandem::image

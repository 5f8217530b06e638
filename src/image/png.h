// PNG files: checking one from end to end.
#pragma once

#include "image/source.h"

namespace tandem::image {

inline constexpr std::string_view kPngMagic("\x89PNG\r\n\x1a\n", 8);

// Reads the chunks, verifies the checksums of those that decide the pixels, and inflates the rows once, so
// that every row is known to be there. Throws BadFormat. A missing end chunk alone is no fault.
CheckedFile check_png(const Source& source);

}  // namespace tandem::image

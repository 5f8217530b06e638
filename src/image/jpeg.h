// JPEG files, by libjpeg.
//
// Not through OpenCV, whose reader fills what is missing in a truncated file with gray and says nothing;
// libjpeg itself tells. Pixels are those of libjpeg's defaults (accurate integer DCT, fancy upsampling).
#pragma once

#include "image/source.h"

namespace tandem::image {

inline constexpr std::string_view kJpegMagic("\xff\xd8\xff", 3);

// Baseline and progressive; gray, YCbCr, RGB, CMYK and YCCK (the latter two as Adobe stores them,
// inverted). A missing end marker alone is no fault. Throws BadFormat where data is missing or broken,
// Unsupported for lossless, hierarchical, 12-bit and arithmetically coded pictures.
DecodedFile decode_jpeg(const Source& source);

}  // namespace tandem::image

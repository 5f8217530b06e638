// Decoding by OpenCV, from a library of its own.
//
// OpenCV brings more than a hundred libraries with it, which take longer to load than a search takes. So they
// are loaded with the first picture that needs them.
#pragma once

#include <cstdint>

#include "image/source.h"

namespace tandem::image {

// Transparent pixels lie over white. Thread-safe. Throws BadFormat where the file is corrupt, Backend where
// that library is not there.
DecodedFile decode_by_opencv(const Source& source, const CheckedFile& file);

// What that library consists of. `rgb`: as many bytes as the file's size has samples. False where the file is
// not decoded to its size. Throws std::bad_alloc.
extern "C" bool tandem_decode_by_opencv(const CheckedFile& file, std::uint8_t* rgb);

}  // namespace tandem::image

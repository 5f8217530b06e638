// One array as numpy.save writes it (the .npy format, versions 1 to 3).
//
// Thread-safe: a free function.
#pragma once

#include <string>

#include "checkpoint/stored_bytes.h"
#include "checkpoint/tensor.h"

namespace tandem::regions {

// The array, row-major; it keeps `file` alive. Throws BadFormat, naming `place`, where the bytes are not of
// that format or are too few; Unsupported for values that are no little-endian numbers of at most 64 bits.
checkpoint::TensorView read_npy(const checkpoint::StoredBytes& file, const std::string& place);

}  // namespace tandem::regions

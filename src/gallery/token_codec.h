// Rows of float32 to the bytes that segments hold, and back.
//
// Free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gallery/segment_format.h"
#include "tandem/matrix.h"

namespace tandem::gallery {

// The bytes of all rows. fp16 is off by at most 2^-11 of a value (2^-25 below 2^-14); int8 by at most half
// a step, which is the largest magnitude of the row divided by 127.
// Throws InvalidArgument for values that are not finite, or beyond 65504 for fp16.
std::vector<std::byte> encode_rows(MatrixView rows, ElementType type);

// The inverse: `bytes` holds whole rows of `width` values.
Matrix decode_rows(std::span<const std::byte> bytes, ElementType type, std::size_t width);

}  // namespace tandem::gallery

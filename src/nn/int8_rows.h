// Rows of float32 brought to 8 bits, with one scale for each row.
//
// Free functions.
#pragma once

#include <cstdint>

namespace tandem::nn {

inline constexpr float kInt8Steps = 127;

// Whether the processor sums products of bytes in 32 bits (AVX-512 VNNI). Others do so in 16 bits, which
// overflow: there the same whole numbers are multiplied as float32.
bool multiplies_bytes();

// A value becomes `zero` and the nearest number of steps, of which kInt8Steps are the row's largest
// magnitude: with a `zero` of 0 a signed byte, with 128 one without a sign. Returns what a step stands for.
float quantise_row(const float* row, std::int64_t width, std::int32_t zero, std::uint8_t* steps);

}  // namespace tandem::nn

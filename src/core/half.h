// The two 16-bit kinds of floating point, to float32 and back.
//
// Thread-safe: free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tandem {

// IEEE binary16, rounded to nearest, ties to even; beyond its range infinite.
std::uint16_t to_half(float value);
float from_half(std::uint16_t half);
// The same of many values; `bytes`: two for each, in the order of this machine, anywhere in memory.
void from_halves(std::span<const std::byte> bytes, std::span<float> values);

// The upper half of a float32, rounded to nearest, ties to even; beyond its range infinite.
std::uint16_t to_bfloat(float value);
float from_bfloat(std::uint16_t bfloat);

}  // namespace tandem

// Rows of float32 brought to 8 bits, with one scale for each row.
//
// Free functions.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tandem::nn {

inline constexpr float kInt8Steps = 127;

// Whether the processor sums products of bytes in 32 bits (AVX-512 VNNI). Others do so in 16 bits, which
// overflow: there the same whole numbers are multiplied as float32.
bool multiplies_bytes();

// A value becomes `zero` and the nearest number of steps, of which kInt8Steps are the row's largest
// magnitude: with a `zero` of 0 a signed byte, with 128 one without a sign. Returns what a step stands for.
float quantise_row(const float* row, std::int64_t width, std::int32_t zero, std::uint8_t* steps);

struct Int8Rows {
  at::Tensor steps;   // as the values lay
  at::Tensor scales;  // of each row of the last dimension: what a step stands for

  std::uint8_t* row(std::int64_t i) const {
    return static_cast<std::uint8_t*>(steps.data_ptr()) + i * steps.size(-1);
  }
  float& scale(std::int64_t i) const { return scales.data_ptr<float>()[i]; }
};

// Room for rows of so many values; signed bytes with a `zero` of 0, else ones without a sign.
Int8Rows make_int8_rows(at::IntArrayRef sizes, std::int32_t zero);
// All rows of the last dimension, with the `zero` of quantise_row().
Int8Rows quantise(const at::Tensor& values, std::int32_t zero);

}  // namespace tandem::nn

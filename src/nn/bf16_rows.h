// Rows of float32 and of bf16, one made of the other.
//
// Free functions.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace tandem::nn {

void widen_row(const c10::BFloat16* row, std::int64_t width, float* out);
// row · factor, each to the nearest bf16, of two as near to the even one.
void round_row(const float* row, float factor, std::int64_t width, c10::BFloat16* out);

}  // namespace tandem::nn

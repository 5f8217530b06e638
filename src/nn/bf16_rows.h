// Rows of float32 brought to bf16.
//
// Free functions.
#pragma once

#include <c10/util/BFloat16.h>

#include <cstdint>

namespace tandem::nn {

// row · factor, each to the nearest bf16, of two as near to the even one.
void round_row(const float* row, float factor, std::int64_t width, c10::BFloat16* out);

}  // namespace tandem::nn

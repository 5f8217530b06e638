// The exponential function for loops that the compiler lays into vector registers, which a call of std::exp
// would break up.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace tandem::nn {

// e^x within 3e-7 of itself. Below -80 and above 80 it stays as it is there: numbers near the ends of float32
// are slow to compute with. Of what is no number it is none.
inline float vector_exp(float x) {
  constexpr float kLog2e = 1.44269504F;
  constexpr float kLn2 = 0x1.62e4p-1F, kLn2Rest = 0x1.7f7d1cp-20F;  // the first times n without rounding
  // Added to a number it leaves no room for what follows the point, and a whole one in the lowest bits.
  constexpr float kRounding = 0x1.8p23F;
  x = std::min(std::max(x, -80.0F), 80.0F);  // in this order: what is no number stays so
  const float shifted = x * kLog2e + kRounding, n = shifted - kRounding;
  const float rest = (x - n * kLn2) - n * kLn2Rest;  // x = n ln 2 + rest, of at most ln 2 / 2
  float power = 1.0F / 5040;                         // Taylor's series
  for (const float term : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 1.0F / 2, 1.0F, 1.0F}) {
    power = power * rest + term;
  }
  return power * std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) + 127) << 23);  // by 2^n
}

// A row of `length` scores becomes e^(factor · (score - largest)), with a factor above 0. Returns their sum.
float exponentiate_row(float* scores, std::int64_t length, float factor = 1);

}  // namespace tandem::nn

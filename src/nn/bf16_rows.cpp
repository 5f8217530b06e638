#include "nn/bf16_rows.h"

#include <bit>

#include "core/vectorised.h"

namespace tandem::nn {

TANDEM_VECTORISED void round_row(const float* row, float factor, std::int64_t width, c10::BFloat16* out) {
  constexpr std::uint32_t kWithoutSign = 0x7FFFFFFF, kInfinity = 0x7F800000, kNotANumber = 0x7FC0;
  for (std::int64_t i = 0; i < width; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(row[i] * factor);
    const std::uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    out[i].x = static_cast<std::uint16_t>((bits & kWithoutSign) > kInfinity ? kNotANumber : rounded);
  }
}

}  // namespace tandem::nn

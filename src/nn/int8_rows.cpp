#include "nn/int8_rows.h"

#include <ATen/cpu/Utils.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "core/vectorised.h"
#include "nn/row_blocks.h"

namespace tandem::nn {

bool multiplies_bytes() { return at::cpu::is_avx512_vnni_supported(); }

TANDEM_VECTORISED float quantise_row(const float* row, std::int64_t width, std::int32_t zero,
                                     std::uint8_t* steps) {
  // Floats without a sign are ordered as their bits are; the compiler may reorder comparisons of whole
  // numbers.
  constexpr std::uint32_t kWithoutSign = 0x7FFFFFFF;
  std::uint32_t bits = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    bits = std::max(bits, std::bit_cast<std::uint32_t>(row[i]) & kWithoutSign);
  }
  const auto largest = std::bit_cast<float>(bits);
  const float scale = largest > std::numeric_limits<float>::min() ? kInt8Steps / largest : 0;
  // Above 0, where cutting off what follows the point rounds down: half a step more rounds to the nearest.
  constexpr std::int32_t kAboveZero = 128;
  for (std::int64_t i = 0; i < width; ++i) {
    const auto step = static_cast<std::int32_t>(row[i] * scale + (kAboveZero + 0.5F));
    steps[i] = static_cast<std::uint8_t>(step + (zero - kAboveZero));
  }
  return largest / kInt8Steps;
}

Int8Rows make_int8_rows(at::IntArrayRef sizes, std::int32_t zero) {
  return {.steps = at::empty(sizes, zero == 0 ? at::kChar : at::kByte),
          .scales = at::empty(sizes.slice(0, sizes.size() - 1), at::kFloat)};
}

Int8Rows quantise(const at::Tensor& values, std::int32_t zero) {
  const at::Tensor from = values.contiguous();
  Int8Rows rows = make_int8_rows(from.sizes(), zero);
  const std::int64_t width = from.size(-1);
  for_each_row(rows.scales.numel(), [&](std::int64_t i) {
    rows.scale(i) = quantise_row(from.data_ptr<float>() + i * width, width, zero, rows.row(i));
  });
  return rows;
}

}  // namespace tandem::nn

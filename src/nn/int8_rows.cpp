#include "nn/int8_rows.h"

#include <ATen/cpu/Utils.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "core/vectorised.h"
#include "nn/avx2.h"
#include "nn/row_blocks.h"

namespace tandem::nn {

// Where sums are of 16 bits: 2 · 127 · 127 < 2^15.
ByteRange byte_range() {
  return at::cpu::is_avx512_vnni_supported() ? ByteRange{at::kByte, 128, 127} : ByteRange{at::kByte, 64, 63};
}

// As many steps as byte_range() has on both sides.
ByteRange positive_byte_range() { return {at::kByte, 0, 2 * byte_range().steps + 1}; }

bool multiplies_bytes() { return has_avx2(); }

TANDEM_VECTORISED float quantise_row(const float* row, std::int64_t width, const ByteRange& range,
                                     std::uint8_t* steps) {
  // Floats without a sign are ordered as their bits are; the compiler may reorder comparisons of whole
  // numbers.
  constexpr std::uint32_t kWithoutSign = 0x7FFFFFFF;
  std::uint32_t bits = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    bits = std::max(bits, std::bit_cast<std::uint32_t>(row[i]) & kWithoutSign);
  }
  const auto largest = std::bit_cast<float>(bits), most = static_cast<float>(range.steps);
  const float scale = largest > std::numeric_limits<float>::min() ? most / largest : 0;
  // Above 0, where cutting off what follows the point rounds down: half a step more rounds to the nearest.
  constexpr std::int32_t kAboveZero = 128;
  const std::int32_t zero = range.zero - kAboveZero;
  for (std::int64_t i = 0; i < width; ++i) {
    const auto step = static_cast<std::int32_t>(row[i] * scale + (kAboveZero + 0.5F));
    steps[i] = static_cast<std::uint8_t>(step + zero);
  }
  return largest / most;
}

Int8Rows::Int8Rows(at::IntArrayRef sizes, const ByteRange& range)
    : range_(range),
      steps_(at::empty(sizes, range.type)),
      scales_(at::empty(sizes.slice(0, sizes.size() - 1), at::kFloat)) {}

Int8Rows::Int8Rows(const at::Tensor& values, const ByteRange& range) : Int8Rows(values.sizes(), range) {
  const at::Tensor from = values.contiguous();
  for_each_row(scales_.numel(), [&](std::int64_t i) { set(i, from.data_ptr<float>() + i * from.size(-1)); });
}

void Int8Rows::set(std::int64_t i, const float* values, float factor) {
  const std::int64_t width = steps_.size(-1);
  auto* const row = static_cast<std::uint8_t*>(steps_.data_ptr()) + i * width;
  scales_.data_ptr<float>()[i] = quantise_row(values, width, range_, row) * factor;
}

}  // namespace tandem::nn

#include "gallery/token_codec.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/fail.h"
#include "index/bytes.h"

namespace tandem::gallery {
namespace {

constexpr float kLargestHalf = 65504.0F;

// The largest magnitude of a row. Throws InvalidArgument where it is above `limit` or not finite.
float require_within(std::span<const float> row, std::size_t number, float limit) {
  float largest = 0;
  for (const float value : row) {
    if (!(std::fabs(value) <= limit)) {
      fail(ErrorCode::kInvalidArgument,
           "image tokens: token {} has the value {}, finite and of magnitude at most {} is wanted", number,
           value, limit);
    }
    largest = std::max(largest, std::fabs(value));
  }
  return largest;
}

void encode_int8(std::span<const float> row, float largest, index::ByteWriter& writer) {
  const float scale = largest / 127.0F;
  writer.put(scale);
  for (const float value : row) {
    const float steps = scale > 0 ? std::nearbyint(value / scale) : 0.0F;
    writer.put(static_cast<std::int8_t>(std::clamp(steps, -127.0F, 127.0F)));
  }
}

void decode_fp16(std::span<const std::byte> bytes, std::span<float> row) {
  std::vector<std::uint16_t> halves(row.size());
  std::memcpy(halves.data(), bytes.data(), bytes.size());
  std::transform(halves.begin(), halves.end(), row.begin(), from_half);
}

void decode_int8(std::span<const std::byte> bytes, std::span<float> row) {
  float scale = 0;
  std::memcpy(&scale, bytes.data(), sizeof scale);
  const auto* steps = reinterpret_cast<const std::int8_t*>(bytes.data() + sizeof scale);
  std::transform(steps, steps + row.size(), row.begin(), [scale](std::int8_t step) { return scale * step; });
}

}  // namespace

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  if (magnitude > 0x7f800000U) return static_cast<std::uint16_t>(sign | 0x7e00U);  // not a number
  if (magnitude >= 0x477ff000U) return static_cast<std::uint16_t>(sign | 0x7c00U);
  if (magnitude < 0x38800000U) {
    // Subnormal: adding 0.5 leaves the value, rounded to 2^-24, in the low bits of the sum.
    const float sum = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3f000000U));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000U + 0xfffU + odd) >> 13));
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  const std::uint32_t magnitude = (half & 0x7fffU) << 13;
  // The exponent's bias is 112 lower; the product is exact and makes subnormals normal.
  float value = std::bit_cast<float>(magnitude) * 0x1p112F;
  if (magnitude >= 0x0f800000U) value = std::bit_cast<float>(magnitude | 0x7f800000U);
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

std::vector<std::byte> encode_rows(MatrixView rows, ElementType type) {
  index::ByteWriter writer;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto row = rows.row(i);
    const float limit = type == ElementType::kFp16 ? kLargestHalf : std::numeric_limits<float>::max();
    const float largest = require_within(row, i, limit);
    if (type == ElementType::kFp32) {
      writer.put_bytes(std::as_bytes(row));
    } else if (type == ElementType::kInt8) {
      encode_int8(row, largest, writer);
    } else {
      std::vector<std::uint16_t> halves(row.size());
      std::transform(row.begin(), row.end(), halves.begin(), to_half);
      writer.put_bytes(std::as_bytes(std::span(halves)));
    }
  }
  return writer.take();
}

Matrix decode_rows(std::span<const std::byte> bytes, ElementType type, std::size_t width) {
  SegmentHeader layout;
  layout.type = type;
  layout.width = static_cast<std::uint32_t>(width);
  const std::size_t row_bytes = layout.row_bytes();
  Matrix rows(bytes.size() / row_bytes, width);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto from = bytes.subspan(i * row_bytes, row_bytes);
    if (type == ElementType::kFp32) {
      std::memcpy(rows.row(i).data(), from.data(), from.size());
    } else if (type == ElementType::kFp16) {
      decode_fp16(from, rows.row(i));
    } else {
      decode_int8(from, rows.row(i));
    }
  }
  return rows;
}

}  // namespace tandem::gallery

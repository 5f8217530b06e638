#include "gallery/token_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/fail.h"
#include "core/half.h"
#include "core/int8.h"
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

void decode_int8(std::span<const std::byte> bytes, std::span<float> row) {
  float scale = 0;
  std::memcpy(&scale, bytes.data(), sizeof scale);
  from_int8(bytes.subspan(sizeof scale), scale, row);
}

}  // namespace

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
      from_halves(from, rows.row(i));
    } else {
      decode_int8(from, rows.row(i));
    }
  }
  return rows;
}

}  // namespace tandem::gallery

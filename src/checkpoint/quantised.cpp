#include "checkpoint/quantised.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "checkpoint/json.h"
#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

constexpr float kLargest = 127;  // −128 is left out, so that x and −x become n and −n

struct Rows {
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t width = 0;
  std::function<void(std::span<float>)> read;

  std::vector<float> values() const {
    std::vector<float> values(count * width);
    read(values);
    for (const float value : values) {
      if (!std::isfinite(value))
        fail(ErrorCode::kInvalidArgument, "{}: {} has no place in I8", shown(name), value);
    }
    return values;
  }

  float scale(std::span<const float> values, std::uint64_t row) const {
    float largest = 0;
    for (const float value : values.subspan(row * width, width)) largest = std::max(largest, std::abs(value));
    return largest / kLargest;
  }
};

std::vector<std::byte> scales(const Rows& rows) {
  const std::vector<float> values = rows.values();
  std::vector<float> scales(rows.count);
  for (std::uint64_t row = 0; row < rows.count; ++row) scales[row] = rows.scale(values, row);
  const auto bytes = std::as_bytes(std::span(scales));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> rounded_rows(const Rows& rows) {
  const std::vector<float> values = rows.values();
  std::vector<std::byte> bytes(values.size());
  for (std::uint64_t row = 0; row < rows.count; ++row) {
    const float scale = rows.scale(values, row);
    if (scale == 0) continue;
    for (std::uint64_t i = row * rows.width; i < (row + 1) * rows.width; ++i) {
      const float steps = std::clamp(std::nearbyint(values[i] / scale), -kLargest, kLargest);
      bytes[i] = static_cast<std::byte>(static_cast<std::int8_t>(steps));
    }
  }
  return bytes;
}

}  // namespace

std::array<TensorSource, 2> quantised(const std::string& name, const Shape& shape,
                                      const std::function<void(std::span<float>)>& read) {
  if (shape.empty() || shape.front() == 0) {
    fail(ErrorCode::kInvalidArgument, "{}: quantising {}, one row or more is wanted", shown(name),
         to_string(shape));
  }
  const auto count = static_cast<std::uint64_t>(shape.front());
  const Rows rows{name, count, value_count(shape) / count, read};
  return {TensorSource{name + ".scale", DType::kF32, {shape.front()}, [rows] { return scales(rows); }},
          TensorSource{name, DType::kI8, shape, [rows] { return rounded_rows(rows); }}};
}

}  // namespace tandem::checkpoint

#include "checkpoint/tensor.h"

#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cstring>

#include "core/fail.h"
#include "core/half.h"
#include "core/int8.h"

namespace tandem::checkpoint {
namespace {

static_assert(std::endian::native == std::endian::little, "weight files are read as they lie in memory");

struct DTypeRow {
  const char* name;
  std::size_t width;
};

// Indexed by DType.
constexpr std::array<DTypeRow, 10> kDTypes = {{{"F64", 8},
                                               {"F32", 4},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"I64", 8},
                                               {"I32", 4},
                                               {"I16", 2},
                                               {"I8", 1},
                                               {"U8", 1},
                                               {"BOOL", 1}}};

// Stored values lie at any address, hence memcpy.
template <typename Stored, typename Convert>
void convert(std::span<const std::byte> bytes, std::span<float> out, Convert to_float) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = to_float(value);
  }
}

template <typename Stored>
void cast(std::span<const std::byte> bytes, std::span<float> out) {
  convert<Stored>(bytes, out, [](Stored value) { return static_cast<float>(value); });
}

[[noreturn]] void refuse_room(const TensorView& tensor, std::span<const float> out) {
  fail(ErrorCode::kInvalidArgument, "reading a tensor of {} values into room for {}", tensor.count(),
       out.size());
}

}  // namespace

const char* to_string(DType dtype) noexcept { return kDTypes[static_cast<std::size_t>(dtype)].name; }

std::size_t byte_width(DType dtype) noexcept { return kDTypes[static_cast<std::size_t>(dtype)].width; }

std::optional<DType> find_dtype(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (name == kDTypes[i].name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::string to_string(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ", ")); }

std::uint64_t value_count(const Shape& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

void read_f32(const TensorView& tensor, std::span<float> out) {
  if (out.size() != tensor.count()) refuse_room(tensor, out);
  if (out.empty()) return;
  switch (tensor.dtype) {
    case DType::kF32:
      std::memcpy(out.data(), tensor.bytes.data(), tensor.bytes.size());
      return;
    case DType::kF16:
      return from_halves(tensor.bytes, out);
    case DType::kBF16:
      return convert<std::uint16_t>(tensor.bytes, out, from_bfloat);
    case DType::kF64:
      return cast<double>(tensor.bytes, out);
    case DType::kI64:
      return cast<std::int64_t>(tensor.bytes, out);
    case DType::kI32:
      return cast<std::int32_t>(tensor.bytes, out);
    case DType::kI16:
      return cast<std::int16_t>(tensor.bytes, out);
    case DType::kI8:
      return cast<std::int8_t>(tensor.bytes, out);
    case DType::kU8:
      return cast<std::uint8_t>(tensor.bytes, out);
    case DType::kBool:
      return convert<std::uint8_t>(tensor.bytes, out, [](std::uint8_t value) { return value ? 1.0f : 0.0f; });
  }
}

void require_scale(const std::string& name, const TensorView& values, const TensorView& scale) {
  const bool fits = values.dtype == DType::kI8 && scale.dtype == DType::kF32 && !values.shape.empty() &&
                    scale.shape == Shape{values.shape.front()};
  if (!fits) {
    fail(ErrorCode::kBadFormat,
         "{}.scale: found {} {} for {} {}, one F32 for each first index of I8 is wanted", name,
         to_string(scale.dtype), to_string(scale.shape), to_string(values.dtype), to_string(values.shape));
  }
}

void dequantise(const std::string& name, const TensorView& values, const TensorView& scale,
                std::span<float> out) {
  require_scale(name, values, scale);
  if (out.size() != values.count()) refuse_room(values, out);
  if (out.empty()) return;
  std::vector<float> scales(scale.count());
  read_f32(scale, scales);
  const std::size_t width = out.size() / scales.size();
  for (std::size_t row = 0; row < scales.size(); ++row) {
    from_int8(values.bytes.subspan(row * width, width), scales[row], out.subspan(row * width, width));
  }
}

}  // namespace tandem::checkpoint

// Tensors as they lie in a weight file.
//
// Immutable values, safe to share between threads. A TensorView keeps the mapped file alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/file_system.h"

namespace tandem::checkpoint {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

const char* to_string(DType dtype) noexcept;  // "F64", "BF16", ..., as safetensors files name them
std::size_t byte_width(DType dtype) noexcept;
std::optional<DType> find_dtype(std::string_view name) noexcept;

using Shape = std::vector<std::int64_t>;
constexpr std::size_t kMaxDimensions = 16;  // more are refused

// "[3, 4]", for messages.
std::string to_string(const Shape& shape);
// Number of values; one where there are no dimensions. The sizes must not be negative.
std::uint64_t value_count(const Shape& shape);

struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;                                // no dimensions: one value
  std::span<const std::byte> bytes;           // row-major, little-endian; not aligned
  std::shared_ptr<const MappedFile> mapping;  // what `bytes` lies in

  std::size_t count() const { return bytes.size() / byte_width(dtype); }  // number of values
};

// Converts every value to float32. `out` must have count() elements, else InvalidArgument. F64, I64 and
// I32 values are rounded to the nearest; BOOL gives 0 and 1.
void read_f32(const TensorView& tensor, std::span<float> out);

// Throws BadFormat, naming `name`, if the dtypes and shapes are not those of int8 values with one float32
// scale for each index of the first dimension.
void require_scale(const std::string& name, const TensorView& values, const TensorView& scale);

// The same for int8 rows with one float32 scale for each index of the first dimension:
// out = value × scale. Throws what require_scale() throws.
void dequantise(const std::string& name, const TensorView& values, const TensorView& scale,
                std::span<float> out);

}  // namespace tandem::checkpoint

#include "checkpoint/strided.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

constexpr std::uint64_t kMostRepeated = 16;

// Dimensions of one value have any stride.
bool is_row_major(const Strided& tensor) {
  const auto dense = dense_strides(tensor.shape);
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != dense[i]) return false;
  }
  return true;
}

std::vector<std::byte> gather(const Strided& tensor, std::span<const std::byte> storage, std::size_t count) {
  const std::size_t width = byte_width(tensor.dtype);
  std::vector<std::byte> values(count * width);
  Shape index(tensor.shape.size(), 0);
  std::uint64_t from = tensor.offset;
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(values.data() + i * width, storage.data() + from * width, width);
    for (std::size_t d = index.size(); d-- > 0;) {
      from += static_cast<std::uint64_t>(tensor.strides[d]);
      if (++index[d] < tensor.shape[d]) break;
      from -= static_cast<std::uint64_t>(tensor.strides[d] * tensor.shape[d]);
      index[d] = 0;
    }
  }
  return values;
}

}  // namespace

std::vector<std::int64_t> dense_strides(const Shape& shape, bool fortran) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t d = fortran ? i : shape.size() - 1 - i;
    strides[d] = stride;
    if (__builtin_mul_overflow(stride, shape[d], &stride)) stride = 0;  // extent() finds it
  }
  return strides;
}

std::optional<std::uint64_t> extent(const Strided& tensor) {
  if (tensor.shape.size() > kMaxDimensions || tensor.strides.size() != tensor.shape.size()) return {};
  std::int64_t count = static_cast<std::int64_t>(byte_width(tensor.dtype));
  std::uint64_t last = tensor.offset;
  bool empty = false;
  bool overflow = false;
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
    if (tensor.shape[d] < 0 || tensor.strides[d] < 0) return {};
    overflow |= __builtin_mul_overflow(count, tensor.shape[d], &count);
    empty |= tensor.shape[d] == 0;
    std::uint64_t span = 0;
    overflow |= __builtin_mul_overflow(
        static_cast<std::uint64_t>(tensor.strides[d]),
        static_cast<std::uint64_t>(std::max<std::int64_t>(tensor.shape[d], 1) - 1), &span);
    overflow |= __builtin_add_overflow(last, span, &last);
  }
  std::uint64_t bytes = 0;
  overflow |= __builtin_add_overflow(last, 1, &last);
  overflow |= __builtin_mul_overflow(last, byte_width(tensor.dtype), &bytes);
  if (overflow) return {};
  return empty ? 0 : last;
}

TensorView row_major(const Strided& tensor, const StoredBytes& storage, const std::string& place) {
  const std::size_t width = byte_width(tensor.dtype);
  const std::uint64_t count = value_count(tensor.shape);
  if (count == 0) return {tensor.dtype, tensor.shape, {}, storage.owner};
  if (is_row_major(tensor)) {
    return {tensor.dtype, tensor.shape, storage.bytes.subspan(tensor.offset * width, count * width),
            storage.owner};
  }
  if (count / kMostRepeated > storage.bytes.size() / width) {
    fail(ErrorCode::kUnsupported,
         "{}: a tensor of shape {} repeats the {} values of its storage; save it by .contiguous()", place,
         to_string(tensor.shape), storage.bytes.size() / width);
  }
  const StoredBytes copy = own(gather(tensor, storage.bytes, count));
  return {tensor.dtype, tensor.shape, copy.bytes, copy.owner};
}

}  // namespace tandem::checkpoint

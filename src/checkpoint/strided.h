// Tensors whose values lie anywhere in a storage: by offset and strides.
//
// Thread-safe: values and free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/stored_bytes.h"
#include "checkpoint/tensor.h"

namespace tandem::checkpoint {

struct Strided {
  DType dtype = DType::kF32;
  Shape shape;
  std::vector<std::int64_t> strides;  // in values, one for each dimension, none negative
  std::uint64_t offset = 0;           // of the first value, in values
};

// The strides of a tensor without gaps; the last dimension varies fastest, or for `fortran` the first.
std::vector<std::int64_t> dense_strides(const Shape& shape, bool fortran = false);

// Values of a storage that the tensor reaches into, from its first: 0 where it is empty. Nothing where
// that is more than fits 64 bits or a size, stride or their numbers are not sensible.
std::optional<std::uint64_t> extent(const Strided& tensor);

// Row-major values: a view where they lie so, else a copy. `storage` holds extent() values. Throws
// Unsupported, naming `place`, where a tensor repeats the values of its storage many times.
TensorView row_major(const Strided& tensor, const StoredBytes& storage, const std::string& place);

}  // namespace tandem::checkpoint

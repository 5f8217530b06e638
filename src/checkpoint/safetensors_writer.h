// Writing safetensors files, one tensor in memory at a time.
//
// Thread-safe: free functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/safetensors_index.h"
#include "checkpoint/tensor.h"
#include "core/file_system.h"

namespace tandem::checkpoint {

// A tensor to be written, made when its turn comes.
struct TensorSource {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  // All its values, row-major, in `dtype`; called once.
  std::function<std::vector<std::byte>()> bytes;
};

// Values that `read` fills in as float32, written as F32, F16 or BF16 (InvalidArgument for others), rounded
// to nearest, ties to even. Its bytes() throw InvalidArgument where a finite value is beyond the range of
// `dtype`.
TensorSource rounded(std::string name, Shape shape, DType dtype, std::function<void(std::span<float>)> read);

// All tensors of `weights`, which must outlive the sources: those of floating point and those that are
// quantised rounded to `dtype`, others as they are.
std::vector<TensorSource> all_tensors(const Weights& weights, DType dtype);

// Replaces the file at `path`: after a crash there is the old or the new one, whole. Tensors lie in the order
// given. Throws InvalidArgument for a name twice or one that is not UTF-8, for a tensor with another number
// of bytes than its shape has, and what the sources throw; then the old file stays.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorSource> tensors,
                       FileSystem& files);

}  // namespace tandem::checkpoint

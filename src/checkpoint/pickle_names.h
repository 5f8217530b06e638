// The only names that a pickle may call or mention: those that plain weights and arrays are made of.
//
// Thread-safe: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "checkpoint/tensor.h"

namespace tandem::checkpoint {

enum class Callable : std::uint8_t {
  kDict,         // dict, OrderedDict: of nothing, or of pairs
  kDefaultDict,  // of a class for what is missing, which is not looked at
  kList,
  kTuple,  // torch.Size too
  kSet,
  kBytes,
  kNumberClass,       // int, float, bool, str: only as the class of a defaultdict
  kDevice,            // torch.device
  kDType,             // torch.float32 and its like: values
  kStorageClass,      // torch.FloatStorage and its like
  kRebuildTensor,     // storage, offset, shape, strides, ...
  kRebuildParameter,  // a tensor, ...
  kScriptClass,       // any class of TorchScript, whose names begin with __torch__.
  kTypeTag,           // torch.jit._pickle.restore_type_tag: a value, its type in TorchScript
  kEncode,            // _codecs.encode: bytes from a text, by Latin-1
  kNumpyType,
  kNumpyArrayClass,
  kNumpyReconstruct,
  kNumpyScalar,
  kNumpyFromBuffer,
};

// What "module.name" stands for, nothing for any other name.
std::optional<Callable> find_callable(std::string_view name);

// "torch.float32" -> F32, "torch.FloatStorage" -> F32.
std::optional<DType> find_torch_dtype(std::string_view name);
std::optional<DType> find_storage_dtype(std::string_view name);
// "f4" -> F32.
std::optional<DType> find_numpy_dtype(std::string_view name);

}  // namespace tandem::checkpoint

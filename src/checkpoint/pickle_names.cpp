#include "checkpoint/pickle_names.h"

#include <array>
#include <utility>

namespace tandem::checkpoint {
namespace {

using NamedCallable = std::pair<std::string_view, Callable>;
using NamedDType = std::pair<std::string_view, DType>;

template <typename Table>
auto look_up(const Table& table, std::string_view name)
    -> std::optional<std::remove_cvref_t<decltype(table.front().second)>> {
  for (const auto& [known, value] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

// Of Python's own module, which Python 2 called __builtin__.
constexpr auto kBuiltins = std::to_array<NamedCallable>({{"dict", Callable::kDict},
                                                         {"list", Callable::kList},
                                                         {"tuple", Callable::kTuple},
                                                         {"set", Callable::kSet},
                                                         {"frozenset", Callable::kSet},
                                                         {"bytes", Callable::kBytes},
                                                         {"bytearray", Callable::kBytes},
                                                         {"int", Callable::kNumberClass},
                                                         {"float", Callable::kNumberClass},
                                                         {"bool", Callable::kNumberClass},
                                                         {"str", Callable::kNumberClass}});

// Of numpy.core, which numpy 2 calls numpy._core.
constexpr auto kNumpyCore =
    std::to_array<NamedCallable>({{"multiarray._reconstruct", Callable::kNumpyReconstruct},
                                  {"multiarray.scalar", Callable::kNumpyScalar},
                                  {"numeric._frombuffer", Callable::kNumpyFromBuffer}});

constexpr auto kOthers = std::to_array<NamedCallable>({
    {"collections.OrderedDict", Callable::kDict},
    {"collections.defaultdict", Callable::kDefaultDict},
    {"torch.Size", Callable::kTuple},
    {"torch.device", Callable::kDevice},
    {"torch._utils._rebuild_tensor", Callable::kRebuildTensor},
    {"torch._utils._rebuild_tensor_v2", Callable::kRebuildTensor},
    {"torch._utils._rebuild_parameter", Callable::kRebuildParameter},
    {"torch._utils._rebuild_parameter_with_state", Callable::kRebuildParameter},
    {"torch.jit._pickle.restore_type_tag", Callable::kTypeTag},
    {"torch.jit._pickle.build_intlist", Callable::kList},
    {"torch.jit._pickle.build_doublelist", Callable::kList},
    {"torch.jit._pickle.build_boollist", Callable::kList},
    {"torch.jit._pickle.build_tensorlist", Callable::kList},
    {"_codecs.encode", Callable::kEncode},
    {"numpy.dtype", Callable::kNumpyType},
    {"numpy.ndarray", Callable::kNumpyArrayClass},
});

constexpr auto kTorchDTypes = std::to_array<NamedDType>({{"float64", DType::kF64},
                                                         {"float32", DType::kF32},
                                                         {"float16", DType::kF16},
                                                         {"bfloat16", DType::kBF16},
                                                         {"int64", DType::kI64},
                                                         {"int32", DType::kI32},
                                                         {"int16", DType::kI16},
                                                         {"int8", DType::kI8},
                                                         {"uint8", DType::kU8},
                                                         {"bool", DType::kBool}});

constexpr auto kStorages = std::to_array<NamedDType>({{"DoubleStorage", DType::kF64},
                                                      {"FloatStorage", DType::kF32},
                                                      {"HalfStorage", DType::kF16},
                                                      {"BFloat16Storage", DType::kBF16},
                                                      {"LongStorage", DType::kI64},
                                                      {"IntStorage", DType::kI32},
                                                      {"ShortStorage", DType::kI16},
                                                      {"CharStorage", DType::kI8},
                                                      {"ByteStorage", DType::kU8},
                                                      {"BoolStorage", DType::kBool}});

constexpr auto kNumpyDTypes = std::to_array<NamedDType>({{"f8", DType::kF64},
                                                         {"f4", DType::kF32},
                                                         {"f2", DType::kF16},
                                                         {"i8", DType::kI64},
                                                         {"i4", DType::kI32},
                                                         {"i2", DType::kI16},
                                                         {"i1", DType::kI8},
                                                         {"u1", DType::kU8},
                                                         {"b1", DType::kBool}});

// What follows `prefix`, nothing where `name` does not begin with it.
std::optional<std::string_view> after(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return name.substr(prefix.size());
}

}  // namespace

std::optional<Callable> find_callable(std::string_view name) {
  for (const std::string_view module : {"builtins.", "__builtin__."}) {
    if (const auto rest = after(module, name)) return look_up(kBuiltins, *rest);
  }
  for (const std::string_view module : {"numpy.core.", "numpy._core."}) {
    if (const auto rest = after(module, name)) return look_up(kNumpyCore, *rest);
  }
  if (name.starts_with("__torch__.")) return Callable::kScriptClass;
  if (find_torch_dtype(name)) return Callable::kDType;
  if (find_storage_dtype(name)) return Callable::kStorageClass;
  return look_up(kOthers, name);
}

std::optional<DType> find_torch_dtype(std::string_view name) {
  const auto rest = after("torch.", name);
  return rest ? look_up(kTorchDTypes, *rest) : std::nullopt;
}

std::optional<DType> find_storage_dtype(std::string_view name) {
  for (const std::string_view module : {"torch.cuda.", "torch."}) {
    if (const auto rest = after(module, name)) return look_up(kStorages, *rest);
  }
  return std::nullopt;
}

std::optional<DType> find_numpy_dtype(std::string_view name) { return look_up(kNumpyDTypes, name); }

}  // namespace tandem::checkpoint

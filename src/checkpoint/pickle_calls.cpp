// What the names that a pickle may call make of their arguments.
#include <algorithm>
#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/pickle_builder.h"

namespace tandem::checkpoint {
namespace {

// The code points of a UTF-8 text, all below 256, as bytes; nothing where one is not.
std::optional<std::string> to_latin1(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      bytes += static_cast<char>((lead & 3) << 6 | (text[++i] & 0x3F));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

}  // namespace

PickleSlot PickleBuilder::call(PickleSlot callable, PickleSlot arguments_tuple) {
  require(callable, PickleKind::kName, "something to call");
  // A copy: what is made moves the lists of the heap, but not the elements of one.
  const PickleName name = heap_->names[callable.index];
  const Slots arguments = elements(arguments_tuple, PickleKind::kTuple, "a tuple of arguments");
  switch (name.callable) {
    case Callable::kDict:
      return make_dict(arguments);
    case Callable::kDefaultDict:
      return make_dict(arguments.subspan(std::min<std::size_t>(arguments.size(), 1)));
    case Callable::kList:
      return make_container(PickleKind::kList, arguments);
    case Callable::kTuple:
      return make_container(PickleKind::kTuple, arguments);
    case Callable::kSet:
      return make_container(PickleKind::kSet, arguments);
    case Callable::kBytes:
    case Callable::kEncode:
      return make_bytes(arguments);
    case Callable::kDevice:
      return argument(arguments, 0, PickleKind::kString, "the name of a device");
    case Callable::kRebuildTensor:
      return make_tensor(arguments);
    case Callable::kRebuildParameter:
      return argument(arguments, 0, PickleKind::kTensor, "a tensor");
    case Callable::kScriptClass:
      return container(PickleKind::kModule, {});
    case Callable::kTypeTag:
      if (arguments.empty()) stream_.reject("found no value with a type of TorchScript");
      return arguments[0];
    case Callable::kNumpyType:
      return make_numpy_type(arguments);
    case Callable::kNumpyReconstruct:
      return add_tensor({.layout = {DType::kF32, {0}, {1}, 0}, .storage = {}, .bytes = {}, .unknown = {}});
    case Callable::kNumpyScalar:
      return make_numpy_scalar(arguments);
    case Callable::kNumpyFromBuffer:
      return make_numpy_buffer(arguments);
    case Callable::kNumberClass:
    case Callable::kDType:
    case Callable::kStorageClass:
    case Callable::kNumpyArrayClass:
      break;
  }
  stream_.refuse("calls {}, which is a value here; save tensors alone: torch.save(model.state_dict(), ...)",
                 name.name);
}

void PickleBuilder::set_state(PickleSlot target, PickleSlot state) {
  if (target.kind == PickleKind::kDict) return;  // attributes of an OrderedDict: versions of modules
  // A class of TorchScript may have a state of its own making; what comes as a dict are its attributes.
  if (target.kind == PickleKind::kModule)
    return append(target, elements(state, PickleKind::kDict, "a dict of a module's attributes"));
  if (target.kind == PickleKind::kNumpyType) return set_numpy_type(heap_->numpy_types[target.index], state);
  if (target.kind != PickleKind::kTensor || heap_->tensors[target.index].storage) {
    stream_.refuse("sets attributes of {}, which plain data has none of", shown_value(target));
  }
  const Slots parts = elements(state, PickleKind::kTuple, "the state of an array");
  const auto type = argument(parts, 2, PickleKind::kNumpyType, "the dtype of an array");
  const bool fortran = argument(parts, 3, PickleKind::kBool, "the order of an array").integer != 0;
  set_array(heap_->tensors[target.index], type, parts[1], fortran,
            parts.size() > 4 ? parts[4] : PickleSlot{});
}

PickleSlot PickleBuilder::make_dict(Slots arguments) {
  if (arguments.empty() || arguments[0].kind == PickleKind::kNone) return container(PickleKind::kDict, {});
  std::vector<PickleSlot> flat;
  for (const PickleSlot pair : elements(arguments[0], PickleKind::kList, "a list of pairs")) {
    const PickleKind kind = pair.kind == PickleKind::kList ? PickleKind::kList : PickleKind::kTuple;
    const Slots both = elements(pair, kind, "a pair");
    if (both.size() != 2) stream_.reject("found {}, a pair is wanted", shown_value(pair));
    flat.insert(flat.end(), both.begin(), both.end());
  }
  return container(PickleKind::kDict, flat);
}

PickleSlot PickleBuilder::make_container(PickleKind kind, Slots arguments) {
  if (arguments.empty()) return container(kind, {});
  const PickleKind from = arguments[0].kind == PickleKind::kTuple ? PickleKind::kTuple : PickleKind::kList;
  return container(kind, elements(arguments[0], from, "a list"));
}

PickleSlot PickleBuilder::make_bytes(Slots arguments) {
  if (arguments.empty()) return text(PickleKind::kBytes, {});
  if (arguments[0].kind == PickleKind::kBytes) return arguments[0];
  const auto encoding =
      text_of(argument(arguments, 1, PickleKind::kString, "an encoding"), PickleKind::kString, "");
  if (encoding != "latin1" && encoding != "latin-1") {
    stream_.refuse("encodes by {}, latin1 is wanted", shown(std::string(encoding)));
  }
  return text(PickleKind::kBytes, raw(arguments[0], "a text"));
}

std::string_view PickleBuilder::raw(PickleSlot slot, const char* what) {
  if (slot.kind == PickleKind::kBytes) return heap_->texts[slot.index];
  const auto text = text_of(slot, PickleKind::kString, what);
  spend(text.size());  // for every time that it is looked through
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
  auto bytes = to_latin1(text);
  if (!bytes) stream_.reject("a text that stands for bytes has characters that are none");
  return heap_->made.emplace_back(std::move(*bytes));
}

Shape PickleBuilder::sizes(PickleSlot slot, const char* what) const {
  const Slots found = elements(slot, PickleKind::kTuple, what);
  if (found.size() > kMaxDimensions) stream_.reject("found {} of {}", what, found.size());
  Shape sizes;
  for (const PickleSlot size : found) {
    require(size, PickleKind::kInt, what);
    sizes.push_back(size.integer);
  }
  return sizes;
}

PickleSlot PickleBuilder::add_tensor(PickledTensor tensor) {
  spend(sizeof tensor + 16 * tensor.layout.shape.size());
  heap_->tensors.push_back(std::move(tensor));
  PickleSlot slot{PickleKind::kTensor, {}};
  slot.index = heap_->tensors.size() - 1;
  return slot;
}

PickleSlot PickleBuilder::make_tensor(Slots arguments) {
  PickledTensor tensor;
  tensor.storage = argument(arguments, 0, PickleKind::kStorage, "a storage").index;
  const PickleStorage& storage = heap_->storages[*tensor.storage];
  const std::int64_t offset = argument(arguments, 1, PickleKind::kInt, "an offset").integer;
  tensor.layout.dtype = storage.dtype;
  tensor.layout.shape = sizes(argument(arguments, 2, PickleKind::kTuple, "a shape"), "a shape");
  tensor.layout.strides = sizes(argument(arguments, 3, PickleKind::kTuple, "strides"), "strides");
  tensor.layout.offset = static_cast<std::uint64_t>(offset);
  const auto reach = offset < 0 ? std::nullopt : extent(tensor.layout);
  if (!reach || *reach > storage.size) {
    stream_.reject(
        "a tensor of shape {} with strides {} from {} does not lie within its storage of {} values",
        to_string(tensor.layout.shape), to_string(tensor.layout.strides), offset, storage.size);
  }
  tensor.layout.offset += storage.first;
  return add_tensor(std::move(tensor));
}

PickleSlot PickleBuilder::make_numpy_type(Slots arguments) {
  const auto name = argument(arguments, 0, PickleKind::kString, "the name of a dtype");
  spend(sizeof(NumpyType));
  heap_->numpy_types.push_back({heap_->texts[name.index]});
  PickleSlot slot{PickleKind::kNumpyType, {}};
  slot.index = heap_->numpy_types.size() - 1;
  return slot;
}

void PickleBuilder::set_numpy_type(NumpyType& type, PickleSlot state) {
  const Slots parts = elements(state, PickleKind::kTuple, "the state of a dtype");
  type.big_endian =
      text_of(argument(parts, 1, PickleKind::kString, "a byte order"), PickleKind::kString, "") == ">";
}

void PickleBuilder::set_array(PickledTensor& array, PickleSlot type_slot, PickleSlot shape, bool fortran,
                              PickleSlot data) {
  const NumpyType& type = heap_->numpy_types[type_slot.index];
  array.layout.shape = sizes(shape, "a shape");
  array.layout.strides = dense_strides(array.layout.shape, fortran);
  const auto dtype = find_numpy_dtype(type.name);
  array.unknown =
      dtype ? type.big_endian ? "big-endian numbers" : "" : "dtype " + shown(std::string(type.name));
  if (!array.unknown.empty()) return;  // an error only where somebody asks for it
  array.layout.dtype = *dtype;
  array.bytes = std::as_bytes(std::span(raw(data, "the bytes of an array")));
  const auto reach = extent(array.layout);
  if (!reach || *reach * byte_width(*dtype) != array.bytes.size()) {
    stream_.reject("an array of {} {} has {} bytes", type.name, to_string(array.layout.shape),
                   array.bytes.size());
  }
}

PickleSlot PickleBuilder::make_numpy_buffer(Slots arguments) {
  const auto type = argument(arguments, 1, PickleKind::kNumpyType, "the dtype of an array");
  const auto shape = argument(arguments, 2, PickleKind::kTuple, "a shape");
  const bool fortran =
      text_of(argument(arguments, 3, PickleKind::kString, "an order"), PickleKind::kString, "") == "F";
  PickledTensor array;
  set_array(array, type, shape, fortran, arguments[0]);
  return add_tensor(std::move(array));
}

PickleSlot PickleBuilder::make_numpy_scalar(Slots arguments) {
  PickledTensor array;
  const auto type = argument(arguments, 0, PickleKind::kNumpyType, "the dtype of a number");
  const PickleSlot one = container(PickleKind::kTuple, {});
  set_array(array, type, one, false, argument(arguments, 1, PickleKind::kBytes, "the bytes of a number"));
  return add_tensor(std::move(array));
}

}  // namespace tandem::checkpoint

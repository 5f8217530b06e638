// What a pickle holds, as plain data: no object of Python's is ever made, and nothing is run.
//
// A PickleValue is a light handle on an immutable tree (which may share parts, and hold itself); copies
// share the tree and may be used from many threads. Asking a value for what it is not throws BadFormat,
// naming the file: "regions.pt: found a list of 3, a dict is wanted".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/tensor.h"

namespace tandem::checkpoint {

enum class PickleKind : std::uint8_t {
  kNone,
  kBool,
  kInt,     // within 64 bits
  kBigInt,  // text(): its bits as hexadecimal digits
  kFloat,
  kString,  // UTF-8
  kBytes,
  kList,
  kTuple,
  kSet,
  kDict,       // OrderedDict and defaultdict too
  kModule,     // an object of TorchScript: its attributes, which are asked for as those of a dict
  kTensor,     // of PyTorch or an array of numpy
  kStorage,    // of tensors; nothing of it can be asked for
  kNumpyType,  // a numpy.dtype
  kName,       // a class, function or dtype that is named and not called; text(): "torch.float32"
};

struct PickleHeap;  // pickle_heap.h

// Within a heap: what a value is, and the value or where in the heap it is.
struct PickleSlot {
  PickleKind kind = PickleKind::kNone;
  union {
    std::int64_t integer = 0;
    double number;
    std::size_t index;
  };
};

class PickleValue {
 public:
  PickleValue(std::shared_ptr<const PickleHeap> heap, PickleSlot slot);

  PickleKind kind() const { return slot_.kind; }
  bool is(PickleKind kind) const { return slot_.kind == kind; }
  // "a dict of 3", "the text \"abc\"": for messages.
  std::string describe() const;

  std::int64_t integer() const;   // kInt
  double number() const;          // kInt and kFloat
  std::string_view text() const;  // kString, kBytes, kBigInt, kName; valid as long as any handle

  // kList, kTuple and kSet have elements, kDict and kModule have keys and values; in the order of the file.
  std::size_t size() const;
  PickleValue at(std::size_t i) const;
  PickleValue key(std::size_t i) const;
  PickleValue value(std::size_t i) const;
  // The value of a text key, nothing where the dict has none; looks at every key.
  std::optional<PickleValue> find(std::string_view key) const;

  // kTensor: its sizes, without reading it.
  const Shape& shape() const;
  // kTensor, row-major: a view of the mapped file where it lies so, else a copy. Throws Unsupported for
  // a dtype that DType lacks, BadFormat where the storage is missing or shorter than it says.
  TensorView tensor() const;

 private:
  PickleValue with(PickleSlot slot) const { return {heap_, slot}; }
  bool has_keys() const;
  void require(bool is, const char* wanted) const;

  std::shared_ptr<const PickleHeap> heap_;
  PickleSlot slot_;
};

}  // namespace tandem::checkpoint

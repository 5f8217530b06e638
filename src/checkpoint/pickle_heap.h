// What the values of one pickle refer to, in flat lists: neither depth nor cycles cost anything.
//
// Filled by read_pickle(), then immutable.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/pickle_value.h"
#include "checkpoint/stored_bytes.h"
#include "checkpoint/strided.h"

namespace tandem::checkpoint {

// A storage that tensors lie in, by its persistent id.
struct PickleStorage {
  std::string_view key;
  DType dtype = DType::kF32;
  std::uint64_t count = 0;  // of values of that dtype
  // The part of it that is meant, in values; all of it but in files of old.
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

// Gives the bytes of storages: the container that the pickle lies in. Safe for many threads.
class StorageSource {
 public:
  virtual ~StorageSource() = default;
  // At least `count` values, else BadFormat.
  virtual StoredBytes read(const PickleStorage& storage) const = 0;
};

struct PickledTensor {
  Strided layout;
  std::optional<std::size_t> storage;  // a tensor of PyTorch
  std::span<const std::byte> bytes;    // an array of numpy
  std::string unknown;                 // its dtype, where DType lacks it
};

struct NumpyType {
  std::string_view name;  // "f4"
  bool big_endian = false;
};

enum class Callable : std::uint8_t;  // pickle_names.h

struct PickleName {
  std::string_view name;
  Callable callable;
};

struct PickleHeap {
  std::string place;             // the file, for messages
  StoredBytes pickle;            // what texts are views of
  std::deque<std::string> made;  // texts that had to be made
  std::vector<std::string_view> texts;
  std::vector<std::vector<PickleSlot>> elements;  // of a dict or module: key, value, key, value
  std::vector<PickledTensor> tensors;
  std::vector<PickleStorage> storages;
  std::vector<NumpyType> numpy_types;
  std::vector<PickleName> names;
  std::shared_ptr<const StorageSource> source;
};

}  // namespace tandem::checkpoint

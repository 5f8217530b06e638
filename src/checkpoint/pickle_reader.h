// Reads pickles, the format of PyTorch's weight files, without running anything.
//
// A pickle is a program for a stack machine, and Python's machine calls whatever the program names. This
// one has the instructions of protocols 0 to 5 but knows a few names only (pickle_names.h), each of which
// builds plain data here; any other name ends the reading. After Python's pickletools, which describes the
// instructions. Thread-safe: free functions.
#pragma once

#include <memory>
#include <string>

#include "checkpoint/pickle_heap.h"
#include "checkpoint/pickle_value.h"

namespace tandem::checkpoint {

struct ReadPickle {
  std::shared_ptr<PickleHeap> heap;  // without a source of storages yet
  PickleSlot root;
  std::size_t end = 0;  // behind the pickle
};

// The pickle that begins at `at` in `bytes`. Memory stays within a small multiple of its size. Throws
// Unsupported, with the name, for a name that is not known, and for what is not plain data; BadFormat, with
// the offset, where the stream is not a pickle.
ReadPickle read_pickle(const StoredBytes& bytes, std::size_t at, const std::string& place);

}  // namespace tandem::checkpoint

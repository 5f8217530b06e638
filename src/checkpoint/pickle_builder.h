// What the instructions of a pickle make: values in a heap, within a budget of memory.
//
// For one thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "checkpoint/pickle_heap.h"
#include "checkpoint/pickle_names.h"
#include "checkpoint/pickle_stream.h"

namespace tandem::checkpoint {

class PickleBuilder {
 public:
  // `stream` says where the reading is, for messages; it must outlive the builder.
  PickleBuilder(const StoredBytes& bytes, const std::string& place, const PickleStream& stream);

  // A text that is a view of the pickle, and one that has to be made. kString must be UTF-8.
  PickleSlot text(PickleKind kind, std::string_view view);
  PickleSlot made_text(PickleKind kind, std::string text);
  // A little-endian number in two's complement.
  PickleSlot big_integer(std::string_view bytes);
  // kList, kTuple, kSet, or kDict and kModule with keys and values in turn.
  PickleSlot container(PickleKind kind, std::span<const PickleSlot> elements);
  void append(PickleSlot container, std::span<const PickleSlot> elements);

  PickleSlot name(std::string_view module, std::string_view name);
  // What a persistent id stands for: a storage.
  PickleSlot persistent(PickleSlot id);
  PickleSlot call(PickleSlot callable, PickleSlot arguments);
  // Gives `target` its state.
  void set_state(PickleSlot target, PickleSlot state);

  // The text of `slot`, which must be of this kind; else BadFormat, `what` is wanted.
  std::string_view text_of(PickleSlot slot, PickleKind kind, const char* what) const;

  std::shared_ptr<PickleHeap> finish() { return std::move(heap_); }

 private:
  using Slots = std::span<const PickleSlot>;

  void spend(std::size_t bytes);
  std::string shown_value(PickleSlot slot) const;
  void require(PickleSlot slot, PickleKind kind, const char* what) const;
  Slots elements(PickleSlot slot, PickleKind kind, const char* what) const;
  PickleSlot argument(Slots arguments, std::size_t i, PickleKind kind, const char* what) const;
  // The bytes of kBytes, and of kString by Latin-1.
  std::string_view raw(PickleSlot slot, const char* what);
  Shape sizes(PickleSlot slot, const char* what) const;

  PickleSlot make_dict(Slots arguments);
  PickleSlot make_container(PickleKind kind, Slots arguments);
  PickleSlot make_bytes(Slots arguments);
  PickleSlot make_tensor(Slots arguments);
  PickleSlot make_numpy_type(Slots arguments);
  PickleSlot make_numpy_scalar(Slots arguments);
  PickleSlot make_numpy_buffer(Slots arguments);
  PickleSlot add_tensor(PickledTensor tensor);
  void set_array(PickledTensor& array, PickleSlot type, PickleSlot shape, bool fortran, PickleSlot data);
  void set_numpy_type(NumpyType& type, PickleSlot state);

  std::shared_ptr<PickleHeap> heap_;
  const PickleStream& stream_;
  std::size_t budget_;
};

}  // namespace tandem::checkpoint

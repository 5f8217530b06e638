#include "checkpoint/pickle_value.h"

#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/pickle_heap.h"
#include "core/fail.h"
#include "core/utf8.h"

namespace tandem::checkpoint {

PickleValue::PickleValue(std::shared_ptr<const PickleHeap> heap, PickleSlot slot)
    : heap_(std::move(heap)), slot_(slot) {}

void PickleValue::require(bool is, const char* wanted) const {
  if (is) return;
  fail(ErrorCode::kBadFormat, "{}: found {}, {} is wanted", heap_->place, describe(), wanted);
}

std::string PickleValue::describe() const {
  const auto quoted = [&] { return shown(printable_utf8(text())); };
  switch (slot_.kind) {
    case PickleKind::kNone:
      return "None";
    case PickleKind::kBool:
      return slot_.integer ? "True" : "False";
    case PickleKind::kInt:
      return fmt::format("the number {}", slot_.integer);
    case PickleKind::kBigInt:
      return "a number of more than 64 bits";
    case PickleKind::kFloat:
      return fmt::format("the number {}", slot_.number);
    case PickleKind::kString:
      return "the text " + quoted();
    case PickleKind::kBytes:
      return fmt::format("{} bytes", heap_->texts[slot_.index].size());
    case PickleKind::kList:
      return fmt::format("a list of {}", size());
    case PickleKind::kTuple:
      return fmt::format("a tuple of {}", size());
    case PickleKind::kSet:
      return fmt::format("a set of {}", size());
    case PickleKind::kDict:
      return fmt::format("a dict of {}", size());
    case PickleKind::kModule:
      return fmt::format("a module with {} attributes", size());
    case PickleKind::kTensor:
      return "a tensor of shape " + to_string(heap_->tensors[slot_.index].layout.shape);
    case PickleKind::kStorage:
      return "a storage";
    case PickleKind::kNumpyType:
      return "a numpy dtype";
    case PickleKind::kName:
      return "the name " + quoted();
  }
  return "";
}

std::int64_t PickleValue::integer() const {
  require(is(PickleKind::kInt), "an integer");
  return slot_.integer;
}

double PickleValue::number() const {
  if (is(PickleKind::kInt)) return static_cast<double>(slot_.integer);
  require(is(PickleKind::kFloat), "a number");
  return slot_.number;
}

std::string_view PickleValue::text() const {
  if (is(PickleKind::kName)) return heap_->names[slot_.index].name;
  require(is(PickleKind::kString) || is(PickleKind::kBytes) || is(PickleKind::kBigInt), "a text");
  return heap_->texts[slot_.index];
}

std::size_t PickleValue::size() const {
  const bool sequence = is(PickleKind::kList) || is(PickleKind::kTuple) || is(PickleKind::kSet);
  require(sequence || has_keys(), "a list or a dict");
  const std::size_t elements = heap_->elements[slot_.index].size();
  return sequence ? elements : elements / 2;
}

PickleValue PickleValue::at(std::size_t i) const {
  require(is(PickleKind::kList) || is(PickleKind::kTuple) || is(PickleKind::kSet), "a list");
  return with(heap_->elements[slot_.index].at(i));
}

bool PickleValue::has_keys() const { return is(PickleKind::kDict) || is(PickleKind::kModule); }

PickleValue PickleValue::key(std::size_t i) const {
  require(has_keys(), "a dict");
  return with(heap_->elements[slot_.index].at(2 * i));
}

PickleValue PickleValue::value(std::size_t i) const {
  require(has_keys(), "a dict");
  return with(heap_->elements[slot_.index].at(2 * i + 1));
}

std::optional<PickleValue> PickleValue::find(std::string_view wanted) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (key(i).is(PickleKind::kString) && key(i).text() == wanted) return value(i);
  }
  return std::nullopt;
}

const Shape& PickleValue::shape() const {
  require(is(PickleKind::kTensor), "a tensor");
  return heap_->tensors[slot_.index].layout.shape;
}

TensorView PickleValue::tensor() const {
  require(is(PickleKind::kTensor), "a tensor");
  const PickledTensor& tensor = heap_->tensors[slot_.index];
  if (!tensor.unknown.empty()) {
    fail(ErrorCode::kUnsupported, "{}: found an array of {}, one of numbers of at most 64 bits is wanted",
         heap_->place, tensor.unknown);
  }
  if (!tensor.storage) {
    // Bytes that the heap owns: it lives on with them.
    const std::shared_ptr<const MappedFile> owner(heap_, heap_->pickle.owner.get());
    return row_major(tensor.layout, {tensor.bytes, owner}, heap_->place);
  }
  const StoredBytes storage = heap_->source->read(heap_->storages[*tensor.storage]);
  return row_major(tensor.layout, storage, heap_->place);
}

}  // namespace tandem::checkpoint

#include "checkpoint/pickle_builder.h"

#include <utility>

#include "checkpoint/json.h"
#include "core/utf8.h"

namespace tandem::checkpoint {
namespace {

// What values may take in memory for each byte of the file. The shortest instructions have one byte and make
// an empty container of some forty.
constexpr std::size_t kMemoryPerByte = 64;
constexpr std::size_t kMemoryAtLeast = 4096;
constexpr std::int64_t kMaxStorage = std::int64_t{1} << 56;  // values; far from overflows

bool is_container(PickleKind kind) {
  return kind == PickleKind::kList || kind == PickleKind::kTuple || kind == PickleKind::kSet ||
         kind == PickleKind::kDict || kind == PickleKind::kModule;
}

PickleSlot at_index(PickleKind kind, std::size_t index) {
  PickleSlot slot{kind, {}};
  slot.index = index;
  return slot;
}

}  // namespace

PickleBuilder::PickleBuilder(const StoredBytes& bytes, const std::string& place, const PickleStream& stream)
    : heap_(std::make_shared<PickleHeap>()),
      stream_(stream),
      budget_(kMemoryAtLeast + kMemoryPerByte * bytes.bytes.size()) {
  heap_->place = place;
  heap_->pickle = bytes;
}

void PickleBuilder::spend(std::size_t bytes) {
  if (bytes > budget_) stream_.reject("makes far more values than a file of this size has");
  budget_ -= bytes;
}

std::string PickleBuilder::shown_value(PickleSlot slot) const { return PickleValue(heap_, slot).describe(); }

void PickleBuilder::require(PickleSlot slot, PickleKind kind, const char* what) const {
  if (slot.kind != kind) stream_.reject("found {}, {} is wanted", shown_value(slot), what);
}

PickleBuilder::Slots PickleBuilder::elements(PickleSlot slot, PickleKind kind, const char* what) const {
  require(slot, kind, what);
  return heap_->elements[slot.index];
}

PickleSlot PickleBuilder::argument(Slots arguments, std::size_t i, PickleKind kind, const char* what) const {
  if (i >= arguments.size()) stream_.reject("found {} arguments, {} is wanted", arguments.size(), what);
  require(arguments[i], kind, what);
  return arguments[i];
}

std::string_view PickleBuilder::text_of(PickleSlot slot, PickleKind kind, const char* what) const {
  require(slot, kind, what);
  return heap_->texts[slot.index];
}

PickleSlot PickleBuilder::text(PickleKind kind, std::string_view view) {
  if (kind == PickleKind::kString) {
    if (const auto offset = first_invalid_utf8(view)) {
      stream_.reject("a text of {} bytes has invalid UTF-8 at its byte {}", view.size(), *offset);
    }
  }
  spend(sizeof view);
  heap_->texts.push_back(view);
  return at_index(kind, heap_->texts.size() - 1);
}

PickleSlot PickleBuilder::made_text(PickleKind kind, std::string text) {
  spend(sizeof text + text.size());
  heap_->made.push_back(std::move(text));
  return this->text(kind, heap_->made.back());
}

PickleSlot PickleBuilder::big_integer(std::string_view bytes) {
  const bool negative = !bytes.empty() && (bytes.back() & '\x80') != 0;
  if (bytes.size() <= sizeof(std::int64_t)) {
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    PickleSlot slot{PickleKind::kInt, {}};
    slot.integer = value;
    return slot;
  }
  std::string digits;
  for (std::size_t i = bytes.size(); i-- > 0;)
    digits += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  return made_text(PickleKind::kBigInt, std::move(digits));
}

PickleSlot PickleBuilder::container(PickleKind kind, Slots elements) {
  spend(sizeof(std::vector<PickleSlot>));
  heap_->elements.emplace_back();
  const PickleSlot made = at_index(kind, heap_->elements.size() - 1);
  append(made, elements);
  return made;
}

void PickleBuilder::append(PickleSlot container, Slots added) {
  if (!is_container(container.kind)) stream_.reject("{} cannot have elements", shown_value(container));
  if (container.kind == PickleKind::kDict && added.size() % 2 != 0) stream_.reject("a key has no value");
  spend(added.size() * sizeof(PickleSlot));
  auto& elements = heap_->elements[container.index];
  elements.insert(elements.end(), added.begin(), added.end());
}

PickleSlot PickleBuilder::name(std::string_view module, std::string_view name) {
  const std::string full = fmt::format("{}.{}", module, name);
  const auto callable = find_callable(full);
  if (!callable) {
    stream_.refuse(
        "names {}, which is none of the few names that tensors, arrays and plain containers need; "
        "nothing of it was run. If you trust the file, load it in Python and save tensors alone: "
        "torch.save(model.state_dict(), ...)",
        shown(printable_utf8(full)));
  }
  spend(sizeof(PickleName) + sizeof full + full.size());
  heap_->made.push_back(full);
  heap_->names.push_back({heap_->made.back(), *callable});
  return at_index(PickleKind::kName, heap_->names.size() - 1);
}

PickleSlot PickleBuilder::persistent(PickleSlot id) {
  const Slots parts = elements(id, PickleKind::kTuple, "a tuple that names a storage");
  const auto tag =
      text_of(argument(parts, 0, PickleKind::kString, "\"storage\""), PickleKind::kString, "a text");
  if (tag != "storage")
    stream_.reject("found a persistent id of {}, \"storage\" is wanted", shown(std::string(tag)));
  const PickleName& type = heap_->names[argument(parts, 1, PickleKind::kName, "a storage class").index];
  const auto dtype = find_storage_dtype(type.name);
  if (!dtype) stream_.reject("found {}, a storage class is wanted", type.name);
  PickleStorage storage;
  storage.dtype = *dtype;
  storage.key =
      text_of(argument(parts, 2, PickleKind::kString, "the key of a storage"), PickleKind::kString, "a key");
  const std::int64_t count = argument(parts, 4, PickleKind::kInt, "the size of a storage").integer;
  if (count < 0 || count > kMaxStorage) stream_.reject("a storage of {} values", count);
  storage.count = storage.size = static_cast<std::uint64_t>(count);
  if (parts.size() > 5 && parts[5].kind != PickleKind::kNone) {
    const Slots view = elements(parts[5], PickleKind::kTuple, "a tuple that names a part of a storage");
    const std::int64_t first = argument(view, 1, PickleKind::kInt, "an offset").integer;
    const std::int64_t size = argument(view, 2, PickleKind::kInt, "a size").integer;
    if (first < 0 || size < 0 || first > count || size > count - first) {
      stream_.reject("a part of {} values from {} of a storage of {}", size, first, count);
    }
    storage.first = static_cast<std::uint64_t>(first);
    storage.size = static_cast<std::uint64_t>(size);
  }
  spend(sizeof storage);
  heap_->storages.push_back(storage);
  return at_index(PickleKind::kStorage, heap_->storages.size() - 1);
}

}  // namespace tandem::checkpoint

// A pickle by itself: the instructions, what they build, and every value within a few levels.
#include "checkpoint/pickle_reader.h"
#include "fuzz.h"

using namespace tandem;
using checkpoint::PickleKind;
using checkpoint::PickleValue;

namespace {

// Storages of zeros, of any size that is small.
class Zeros final : public checkpoint::StorageSource {
 public:
  checkpoint::StoredBytes read(const checkpoint::PickleStorage& storage) const override {
    constexpr std::uint64_t kMost = 1 << 16;
    if (storage.count > kMost) throw Error(ErrorCode::kBadFormat, "too large for this test");
    return checkpoint::own(std::vector<std::byte>(storage.count * checkpoint::byte_width(storage.dtype)));
  }
};

// At most `most` values in all, `depth` levels deep.
void visit(const PickleValue& value, int depth, int& most) {
  if (--most < 0) return;
  fuzz::require(!value.describe().empty(), "every value can be named");
  if (value.is(PickleKind::kTensor)) {
    fuzz::accepts([&] {
      const checkpoint::TensorView tensor = value.tensor();
      std::size_t count = 1;
      for (const std::int64_t size : tensor.shape) count *= static_cast<std::size_t>(size);
      fuzz::require(tensor.count() == count, "a tensor has the values of its shape");
      std::vector<float> values(count);
      checkpoint::read_f32(tensor, values);
    });
  }
  if (depth == 0) return;
  const bool dict = value.is(PickleKind::kDict) || value.is(PickleKind::kModule);
  if (!dict && !value.is(PickleKind::kList) && !value.is(PickleKind::kTuple) && !value.is(PickleKind::kSet))
    return;
  for (std::size_t i = 0; i < value.size() && most > 0; ++i) {
    if (dict) visit(value.key(i), depth - 1, most);
    visit(dict ? value.value(i) : value.at(i), depth - 1, most);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  fuzz::accepts([&] {
    const auto read = checkpoint::read_pickle(checkpoint::own({bytes.begin(), bytes.end()}), 0, "fuzzed");
    fuzz::require(read.end <= size, "a pickle ends within the file");
    read.heap->source = std::make_shared<Zeros>();
    int most = 1000;
    visit(PickleValue(read.heap, read.root), 4, most);
  });
  return 0;
}

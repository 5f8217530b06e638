// A folder of two shards and the index that lists them; quantised tensors among them.
#include "checkpoint/safetensors_index.h"
#include "fuzz.h"
#include "support/memory_files.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 3);
  MemoryFiles files;
  files.set("model/model.safetensors.index.json", std::move(parts[0]));
  files.set("model/a.safetensors", std::move(parts[1]));
  files.set("model/b.safetensors", std::move(parts[2]));
  fuzz::accepts([&] {
    const auto weights = checkpoint::Weights::open("model", files);
    for (const std::string& name : weights.names()) {
      const auto* tensor = weights.find(name);
      fuzz::require(tensor != nullptr, "a name that is listed is found");
      std::vector<float> values(tensor->count());
      fuzz::accepts([&] { weights.read(name, values); });
    }
  });
  return 0;
}

// Files of torch.save as weights: zip files, packed or not, and the older format.
#include "checkpoint/torch_file.h"

#include "checkpoint/safetensors_index.h"
#include "fuzz.h"
#include "support/memory_files.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set("weights.pt", std::string(fuzz::as_text(data, size)));
  fuzz::accepts([&] {
    const auto weights = checkpoint::Weights::open_file("weights.pt", files);
    std::size_t total = 0;
    for (const std::string& name : weights.names()) {
      const auto* tensor = weights.find(name);
      total += tensor->bytes.size();
      if (total > 1 << 20) return;  // many tensors may share one storage
      std::vector<float> values(tensor->count());
      fuzz::accepts([&] { weights.read(name, values); });
    }
  });
  return 0;
}

// model.safetensors: the header, the layout of the data, and the values of every tensor as float32.
#include "checkpoint/safetensors.h"

#include "fuzz.h"
#include "support/memory_files.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set("model.safetensors", std::string(fuzz::as_text(data, size)));
  fuzz::accepts([&] {
    const auto file = checkpoint::SafetensorsFile::open("model.safetensors", files);
    std::size_t covered = 0;
    for (const auto& [name, tensor] : file.tensors()) {
      covered += tensor.bytes.size();
      std::vector<float> values(tensor.count());
      checkpoint::read_f32(tensor, values);
    }
    fuzz::require(covered < size, "tensors lie within the file and do not overlap");
  });
  return 0;
}

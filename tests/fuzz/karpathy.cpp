// Datasets in the JSON of Karpathy's splits.
#include "dataset.h"
#include "datasets/formats.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set("/data/1.jpg", "");
  files.set("/data/dataset.json", std::string(fuzz::as_text(data, size)));
  fuzz::build_dataset(files, DatasetFormat::kKarpathy, [&](datasets::DatasetBuilder& builder) {
    datasets::read_karpathy(files, "/data/dataset.json", builder);
  });
  return 0;
}

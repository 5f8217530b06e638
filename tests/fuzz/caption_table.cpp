// Datasets in a table, with commas and with tabs.
#include "dataset.h"
#include "datasets/formats.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char* name : {"/data/captions.csv", "/data/captions.tsv"}) {
    MemoryFiles files;
    files.set("/data/1.jpg", "");
    files.set(name, std::string(fuzz::as_text(data, size)));
    fuzz::build_dataset(files, DatasetFormat::kTable, [&](datasets::DatasetBuilder& builder) {
      datasets::read_table(files, name, builder);
    });
  }
  return 0;
}

// Datasets of a list of pictures and texts in parallel: the list, a line "%%", the texts.
#include "dataset.h"
#include "datasets/formats.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = fuzz::cut_into_files(fuzz::as_text(data, size), 2);
  MemoryFiles files;
  files.set("/data/1.jpg", "");
  files.set("/data/test.txt", parts[0]);
  files.set("/data/test.en", parts[1]);
  fuzz::build_dataset(files, DatasetFormat::kMulti30k, [&](datasets::DatasetBuilder& builder) {
    datasets::read_parallel_texts(
        files, {.list = "/data/test.txt", .split = "test", .texts = {{"/data/test.en", "en"}}}, builder);
  });
  return 0;
}

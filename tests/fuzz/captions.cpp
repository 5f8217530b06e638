// A captions file, JSON lines: of a gallery, and as a dataset.
#include "indexing/captions.h"

#include "dataset.h"
#include "datasets/formats.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set("/data/a.jpg", "");
  files.set("/photos/captions.jsonl", std::string(fuzz::as_text(data, size)));
  fuzz::accepts([&] {
    const indexing::Captions captions(files, "/photos/captions.jsonl");
    fuzz::require(captions.empty() == (captions.pictures() == 0), "the count is that of the pictures");
    for (const Text& caption : captions.of("/photos/a.jpg")) {
      fuzz::require(!first_invalid_utf8(caption.text), "captions are UTF-8");
    }
  });
  fuzz::build_dataset(files, DatasetFormat::kJsonLines, [&](datasets::DatasetBuilder& builder) {
    datasets::read_json_lines(files, "/photos/captions.jsonl", builder);
  });
  return 0;
}

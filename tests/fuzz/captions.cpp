// A captions file: JSON lines.
#include "indexing/captions.h"

#include "fuzz.h"
#include "support/memory_files.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemoryFiles files;
  files.set("/photos/captions.jsonl", std::string(fuzz::as_text(data, size)));
  fuzz::accepts([&] {
    const indexing::Captions captions(files, "/photos/captions.jsonl");
    fuzz::require(captions.empty() == (captions.pictures() == 0), "the count is that of the pictures");
    for (const Text& caption : captions.of("/photos/a.jpg")) {
      fuzz::require(!first_invalid_utf8(caption.text), "captions are UTF-8");
    }
  });
  return 0;
}

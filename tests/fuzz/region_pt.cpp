// A .pt of regions, of one picture or many, and every picture in it; the same file as tags.
#include "region_file.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_regions("picture.pt", data, size);
  MemoryFiles files;
  files.set("tags.pt", std::string(fuzz::as_text(data, size)));
  fuzz::accepts([&] { regions::read_tags("tags.pt", files); });
  return 0;
}

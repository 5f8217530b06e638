// A .tsv of regions, and every picture in it.
#include "region_file.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_regions("picture.tsv", data, size);
  return 0;
}

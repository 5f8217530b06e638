// index.snapshot: as it is, and with a right checksum around it and around the index file within it.
#include "gallery/snapshot.h"

#include "checksums.h"
#include "fuzz.h"
#include "support/memory_files.h"

using namespace tandem;

namespace {

constexpr std::size_t kHeaderBytes = 60;     // of a snapshot; an index file follows
constexpr std::size_t kBodyKindOffset = 12;  // of an index file; 2 is a body that FAISS reads

void read(std::string bytes) {
  if (bytes.size() > kHeaderBytes + kBodyKindOffset && bytes[kHeaderBytes + kBodyKindOffset] == 2) return;
  gallery::Manifest manifest;
  manifest.uuid = "0123456789abcdef0123456789abcdef";
  manifest.dimension = 3;
  MemoryFiles files;
  files.set("gallery/index.snapshot", std::move(bytes));
  fuzz::accepts([&] {
    const auto snapshot = gallery::read_snapshot(files, "gallery", manifest);
    fuzz::require(snapshot.index->dimension() == manifest.dimension, "the index goes with the gallery");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::as_text(data, size);
  read(std::string(bytes));
  const std::string_view header = bytes.substr(0, kHeaderBytes);
  const std::string index = fuzz::as_string(fuzz::with_checksum(bytes.substr(header.size())));
  read(fuzz::as_string(fuzz::with_checksum(std::string(header) + index)));
  return 0;
}

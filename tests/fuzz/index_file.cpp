// Index files: as they are, and with a right checksum. Bodies that FAISS reads are left out: the checksum is
// all that guards those.
#include "index/index_file.h"

#include "checksums.h"
#include "fuzz.h"
#include "index/stored_index.h"

using namespace tandem;

namespace {

void read(std::span<const std::byte> bytes) {
  fuzz::accepts([&] {
    const auto file = index::parse_index_file(bytes, "index");
    fuzz::require(fuzz::as_string(index::format_index_file(file)) == fuzz::as_string(bytes),
                  "what was read is written as it was");
    if (file.body == index::IndexBody::kFaiss || file.spec != "exact") return;
    const auto index = index::index_from_bytes(bytes, "index");
    fuzz::require(index->size() == file.count && index->ids().size() == file.count, "every row is there");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::as_text(data, size);
  read(std::as_bytes(std::span(bytes)));
  read(fuzz::with_checksum(bytes));
  return 0;
}

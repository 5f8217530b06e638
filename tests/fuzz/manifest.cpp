// manifest.json: as it is, and with a right checksum behind it.
#include "gallery/manifest.h"

#include <fmt/format.h>

#include "checksums.h"
#include "core/hash.h"
#include "fuzz.h"

using namespace tandem;

namespace {

void read(const std::string& text) {
  fuzz::accepts([&] {
    const auto manifest = gallery::parse_manifest(text, "manifest.json");
    fuzz::require(manifest.dimension > 0 && manifest.embedding_rows > 0, "pictures have embeddings");
    const std::string formatted = gallery::format_manifest(manifest);
    fuzz::require(gallery::format_manifest(gallery::parse_manifest(formatted, "manifest.json")) == formatted,
                  "what was read is written and read again as it was");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  read(std::string(text));
  const auto checksum = checksum64(std::as_bytes(std::span(text)));
  read(fmt::format("{}  \"checksum\": \"{:016x}\"\n}}\n", text, checksum));
  return 0;
}

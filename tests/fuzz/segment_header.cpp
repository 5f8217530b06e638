// The header of a segment: as it is, and with a right checksum. A file's name too.
#include "checksums.h"
#include "fuzz.h"
#include "gallery/segment_format.h"

using namespace tandem;

namespace {

void read(std::span<const std::byte> bytes) {
  fuzz::accepts([&] {
    const auto header = gallery::parse_segment_header(bytes, "images-000001.seg");
    const auto again = gallery::parse_segment_header(gallery::format_segment_header(header), "again");
    fuzz::require(again == header, "what was read is written and read again as it was");
    gallery::require_segment_header(bytes, header, "images-000001.seg");
    header.file_bytes(1);
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::as_text(data, size);
  read(std::as_bytes(std::span(bytes)));
  read(fuzz::with_checksum(bytes.substr(0, gallery::kSegmentHeaderBytes - sizeof(std::uint64_t))));
  gallery::is_segment_file_name(bytes);
  return 0;
}

// PNG files whose chunks have right checksums, so that what they hold is read.
#include <zlib.h>

#include <algorithm>
#include <span>

#include "fuzz.h"
#include "tandem/image.h"

using namespace tandem;

namespace {

std::size_t big_endian(const std::uint8_t* bytes) {
  return std::size_t{bytes[0]} << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

// Gives each whole chunk its CRC-32, which is over its type and its data.
void mend_checksums(std::vector<std::uint8_t>& file) {
  constexpr std::size_t kSignature = 8, kLength = 4, kType = 4, kChecksum = 4;
  for (std::size_t at = kSignature; at + kLength + kType + kChecksum <= file.size();) {
    const std::size_t length = big_endian(&file[at]);
    if (length > file.size() - at - kLength - kType - kChecksum) return;
    const auto checksum = crc32(0, &file[at + kLength], static_cast<uInt>(kType + length));
    at += kLength + kType + length;
    for (const int shift : {24, 16, 8, 0}) file[at++] = static_cast<std::uint8_t>(checksum >> shift);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  mend_checksums(file);
  const ImageLimits limits{.max_bytes = 1 << 20, .max_pixels = 1 << 18};
  fuzz::accepts([&] {
    const Image image = decode_image(std::as_bytes(std::span(file)), "picture.png", limits);
    fuzz::require(image.rgb.size() == image.width * image.height * 3, "there is a value for each pixel");
  });
  return 0;
}

// The orientation in a picture's metadata: EXIF blocks and XMP packets.
#include "image/orientation.h"

#include "fuzz.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const image::Bytes bytes(data, size);
  image::OrientationFinder finder;
  finder.exif(bytes);
  finder.xmp(bytes);
  const int orientation = finder.orientation();
  fuzz::require(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
  return 0;
}

// Pictures of every kind: header, metadata, pixels.
#include "tandem/image.h"

#include <span>

#include "fuzz.h"

using namespace tandem;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ImageLimits limits{.max_bytes = 1 << 20, .max_pixels = 1 << 18};
  fuzz::accepts([&] {
    const Image image = decode_image(std::as_bytes(std::span(data, size)), "picture", limits);
    fuzz::require(image.width > 0 && image.height > 0, "a picture has pixels");
    fuzz::require(image.width <= limits.max_pixels / image.height, "a picture is within the limits");
    fuzz::require(image.rgb.size() == image.width * image.height * 3, "there is a value for each pixel");
  });
  return 0;
}

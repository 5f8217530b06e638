// preprocessor_config.json, and a small picture prepared as it says.
#include <array>

#include "fuzz.h"
#include "image/preprocessor.h"

using namespace tandem;

namespace {

// A configuration may ask for pictures that take seconds; those are not tried.
bool is_small(const image::PreprocessConfig& config) {
  const auto& size = config.size;
  for (const std::size_t side :
       {size.height, size.width, size.shortest_edge, config.crop_size.height, config.crop_size.width}) {
    if (side > 64) return false;
  }
  return true;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts([&] {
    const auto config = image::parse_preprocessor_text(fuzz::as_text(data, size), "preprocessor_config.json",
                                                       "CLIPImageProcessor");
    const image::Preprocessor preprocessor(config);
    preprocessor.fingerprint();
    if (!is_small(config)) return;
    const Image picture{7, 5, std::vector<std::uint8_t>(7 * 5 * 3, 200)};
    const PixelTensor pixels = preprocessor(picture);
    fuzz::require(pixels.values.size() == 3 * pixels.height * pixels.width, "three values for each pixel");
  });
  return 0;
}

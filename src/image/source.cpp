#include "image/source.h"

#include <cstring>

namespace tandem::image {
namespace {

// What the decoders below accept as a side.
constexpr std::size_t kMaxSourceSide = 1'000'000;

}  // namespace

void require_size(const Source& source, Size size) {
  if (size.width == 0 || size.height == 0) {
    refuse(source, "is {} × {} pixels by its header; a picture has at least one", size.width, size.height);
  }
  if (size.width > kMaxSourceSide || size.height > kMaxSourceSide ||
      size.width > source.limits.max_pixels / size.height) {
    refuse(source,
           "is {} × {} pixels by its header; at most {} pixels and {} in a row are accepted; make it smaller",
           size.width, size.height, source.limits.max_pixels, kMaxSourceSide);
  }
}

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

void append(std::vector<std::uint8_t>& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

}  // namespace tandem::image

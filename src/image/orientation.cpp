#include "image/orientation.h"

#include <algorithm>
#include <utility>

namespace tandem::image {
namespace {

constexpr std::string_view kExifPrefix("Exif\0\0", 6);
constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::size_t kEntryBytes = 12;

// The tag's value by its TIFF type: BYTE, SHORT or LONG.
std::optional<int> entry_value(Bytes tiff, std::size_t at, bool little) {
  const std::uint32_t type = little ? little_endian16(tiff, at + 2) : big_endian16(tiff, at + 2);
  switch (type) {
    case 1:
      return tiff[at + 8];
    case 3:
      return static_cast<int>(little ? little_endian16(tiff, at + 8) : big_endian16(tiff, at + 8));
    case 4:
      return static_cast<int>(little ? little_endian32(tiff, at + 8) : big_endian32(tiff, at + 8));
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<int> exif_orientation(Bytes exif) {
  if (starts_with(exif, kExifPrefix)) exif = exif.subspan(kExifPrefix.size());
  const bool little = starts_with(exif, "II");
  if (exif.size() < 8 || (!little && !starts_with(exif, "MM"))) return std::nullopt;
  const std::size_t directory = little ? little_endian32(exif, 4) : big_endian32(exif, 4);
  if (directory > exif.size() || exif.size() - directory < 2) return std::nullopt;
  const std::size_t entries = little ? little_endian16(exif, directory) : big_endian16(exif, directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * kEntryBytes;
    if (at + kEntryBytes > exif.size()) break;
    const std::uint32_t tag = little ? little_endian16(exif, at) : big_endian16(exif, at);
    if (tag == kOrientationTag) return entry_value(exif, at, little);
  }
  return std::nullopt;
}

std::optional<int> xmp_orientation(Bytes xmp) {
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  constexpr std::string_view kProperty = "tiff:Orientation";
  for (std::size_t at = text.find(kProperty); at != text.npos; at = text.find(kProperty, at + 1)) {
    std::string_view rest = text.substr(at + kProperty.size());
    // An attribute (="6") or an element (>6<).
    const std::size_t skip = rest.starts_with("=\"") ? 2 : rest.starts_with(">") ? 1 : 0;
    rest.remove_prefix(skip);
    if (skip > 0 && !rest.empty() && rest.front() >= '0' && rest.front() <= '9') return rest.front() - '0';
  }
  return std::nullopt;
}

void OrientationFinder::exif(Bytes block) {
  if (!exif_) exif_ = exif_orientation(block);
}

void OrientationFinder::xmp(Bytes packet) {
  if (!xmp_) xmp_ = xmp_orientation(packet);
}

int OrientationFinder::orientation() const {
  const int value = exif_.value_or(xmp_.value_or(1));
  return value >= 1 && value <= 8 ? value : 1;
}

Image turn_upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // What the stored rows and columns are, seen upright: 5 to 8 exchange them; of the rest, two bits say
  // which side of the picture the stored axes start from.
  const bool exchange = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image upright{image.width, image.height, std::vector<std::uint8_t>(image.rgb.size())};
  if (exchange) std::swap(upright.width, upright.height);
  std::uint8_t* to = upright.rgb.data();
  for (std::size_t y = 0; y < upright.height; ++y) {
    for (std::size_t x = 0; x < upright.width; ++x) {
      const std::size_t across = from_right ? upright.width - 1 - x : x;
      const std::size_t down = from_bottom ? upright.height - 1 - y : y;
      const std::size_t pixel = exchange ? across * image.width + down : down * image.width + across;
      to = std::copy_n(&image.rgb[pixel * 3], 3, to);
    }
  }
  return upright;
}

}  // namespace tandem::image

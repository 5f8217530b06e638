// How a camera was held: finding the orientation in a file's metadata, and turning a picture upright.
//
// Free functions, safe to call from many threads at once. Orientations are those of EXIF, 1 (upright) to 8.
#pragma once

#include <optional>

#include "image/source.h"
#include "tandem/image.h"

namespace tandem::image {

// The orientation in an EXIF block (a TIFF header, with or without "Exif\0\0" before it), or nothing:
// broken metadata is no reason to refuse a picture.
std::optional<int> exif_orientation(Bytes exif);

// The orientation in an XMP packet, or nothing.
std::optional<int> xmp_orientation(Bytes xmp);

// Collects what a file says of its orientation; EXIF goes before XMP, the first block before later ones.
class OrientationFinder {
 public:
  void exif(Bytes block);
  void xmp(Bytes packet);
  int orientation() const;  // 1 to 8; 1 where the file says nothing, or nothing that makes sense

 private:
  std::optional<int> exif_;
  std::optional<int> xmp_;
};

// The picture as it was seen.
Image turn_upright(Image image, int orientation);

}  // namespace tandem::image

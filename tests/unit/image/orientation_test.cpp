#include "image/orientation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tandem::image {
namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A TIFF block of one directory with one entry: the orientation as a SHORT.
std::string exif_block(char value) {
  std::string block("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26);
  block[18] = value;
  return block;
}

TEST(Orientation, IsFoundInExifWithAndWithoutItsPrefix) {
  EXPECT_EQ(exif_orientation(bytes_of(exif_block(6))), 6);
  EXPECT_EQ(exif_orientation(bytes_of(std::string("Exif\0\0", 6) + exif_block(3))), 3);
}

TEST(Orientation, EveryBrokenExifBlockSaysNothing) {
  const std::string block = exif_block(6);
  for (std::size_t size = 0; size < 22; ++size) {
    EXPECT_EQ(exif_orientation(bytes_of(block).first(size)), std::nullopt) << size;
  }
  std::string far = block;
  far[7] = '\xff';  // the directory lies far behind the end
  EXPECT_EQ(exif_orientation(bytes_of(far)), std::nullopt);
  std::string text = block;
  text[12] = 2;  // of type ASCII
  EXPECT_EQ(exif_orientation(bytes_of(text)), std::nullopt);
}

TEST(Orientation, ExifGoesBeforeXmpAndValuesThatDoNotExistMeanUpright) {
  OrientationFinder finder;
  EXPECT_EQ(finder.orientation(), 1);
  finder.xmp(bytes_of("<tiff:Orientation>5</tiff:Orientation>"));
  EXPECT_EQ(finder.orientation(), 5);
  finder.exif(bytes_of(exif_block(8)));
  EXPECT_EQ(finder.orientation(), 8);
  finder.exif(bytes_of(exif_block(2)));
  EXPECT_EQ(finder.orientation(), 8) << "the first block counts";
  OrientationFinder odd;
  odd.exif(bytes_of(exif_block(9)));
  EXPECT_EQ(odd.orientation(), 1);
}

TEST(Orientation, XmpIsAnAttributeOrAnElement) {
  EXPECT_EQ(xmp_orientation(bytes_of("<a tiff:Orientation=\"6\"/>")), 6);
  EXPECT_EQ(xmp_orientation(bytes_of("tiff:Orientation>8<")), 8);
  EXPECT_EQ(xmp_orientation(bytes_of("tiff:Orientation='6' tiff:Orientation")), std::nullopt);
  EXPECT_EQ(xmp_orientation({}), std::nullopt);
}

// The picture 1 2 3 / 4 5 6, its samples standing for whole pixels.
TEST(Orientation, TurnsUprightByAllEightValues) {
  const auto turned = [](int orientation) {
    Image image{3, 2, {}};
    for (std::uint8_t pixel = 1; pixel <= 6; ++pixel) image.rgb.insert(image.rgb.end(), 3, pixel);
    const Image upright = turn_upright(image, orientation);
    std::string rows;
    for (std::size_t i = 0; i < upright.width * upright.height; ++i) {
      if (i > 0 && i % upright.width == 0) rows += '/';
      rows += static_cast<char>('0' + upright.rgb[3 * i]);
    }
    return rows;
  };
  const char* wanted[] = {"123/456",  "321/654",  "654/321",  "456/123",
                          "14/25/36", "41/52/63", "63/52/41", "36/25/14"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(turned(orientation), wanted[orientation - 1]) << orientation;
  }
}

}  // namespace
}  // namespace tandem::image

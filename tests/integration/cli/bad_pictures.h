// Files that are named like pictures and are none, or damaged ones, or ones that lie about their size.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/many_scans_jpeg.h"
#include "support/small_png.h"

namespace tandem {

struct BadPicture {
  std::string name;  // of the file
  std::string bytes;
  std::string said;  // what the error says of it
  int status = 4;    // of a command that is given it
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A picture of tests/golden/data.
inline std::string golden_picture(const std::string& name) {
  return read_file(std::filesystem::path(TANDEM_TEST_DATA) / name);
}

inline std::string first_half(const std::string& bytes) { return bytes.substr(0, bytes.size() / 2); }

inline std::string with_bytes_at(std::string bytes, std::size_t at, const std::string& other) {
  return bytes.replace(at, other.size(), other);
}

// A JPEG whose header claims another size.
inline std::string jpeg_of_size(const std::string& jpeg, const std::string& height_and_width) {
  return with_bytes_at(jpeg, jpeg.find("\xFF\xC0") + 5, height_and_width);
}

// A PNG whose header claims another size, with a checksum that fits.
inline std::string png_of_size(const std::string& png, std::uint32_t width, std::uint32_t height) {
  const std::string header = small_png::big_endian(width) + small_png::big_endian(height) + png.substr(24, 5);
  return with_bytes_at(png, 8, small_png::chunk("IHDR", header));
}

inline std::vector<BadPicture> bad_pictures() {
  const std::string jpeg = golden_picture("images-kinds/baseline_444.jpg");
  const std::string png = png_bytes({17, 9, std::vector<std::uint8_t>(17 * 9 * 3, 90)});
  const std::string webp = golden_picture("images-kinds/lossy.webp");
  const std::string lossless = golden_picture("images-kinds/lossless.webp");
  std::string no_code;  // no Huffman code is made of ones alone
  for (int i = 0; i < 20; ++i) no_code += std::string("\xFF\0", 2);
  const std::string noise(40, '\xA5');
  return {
      {"zero_bytes.jpg", "", "is empty"},
      {"zero_bytes.png", "", "is empty"},
      {"zero_bytes.webp", "", "is empty"},
      {"text.jpg", "Dear all, the photos are in the other folder.", "is not a picture"},
      {"gif.jpg", "GIF89a", "GIF is not supported", 6},
      {"truncated.jpg", first_half(jpeg), "JPEG is truncated or corrupt"},
      {"truncated.png", first_half(png), "PNG is truncated"},
      {"truncated.webp", first_half(webp), "WebP is truncated"},
      {"corrupt.jpg", with_bytes_at(jpeg, jpeg.size() - 60, no_code), "JPEG is truncated or corrupt"},
      {"corrupt.png", with_bytes_at(png, 60, noise), "PNG chunk IDAT is corrupt"},
      {"corrupt.webp", with_bytes_at(webp, 22, noise), "WebP is corrupt"},
      {"corrupt_lossless.webp", with_bytes_at(lossless, 40, noise), "is corrupt"},
      {"huge.jpg", jpeg_of_size(jpeg, "\xFD\xE8\xFD\xE8"), "65000 × 65000 pixels by its header; at most"},
      {"huge.png", png_of_size(png, 60'000, 60'000), "60000 × 60000 pixels by its header; at most"},
      {"huge.webp", with_bytes_at(lossless, 21, "\xFF\xFF\xFF\x0F"),
       "16384 × 16384 pixels by its header; at most"},
      {"bomb.png", golden_picture("images-bad/bomb_200_megapixels.png"), "at most 200000000 pixels"},
      {"large_and_cut.jpg", jpeg_of_size(jpeg, "\x36\xB0\x36\xB0"), "JPEG is truncated or corrupt"},
      {"large_and_cut.png", png_of_size(png, 14'000, 14'000), "PNG is truncated"},
      {"scans.jpg", jpeg_of_127_scans(), "more than 100 scans"},
      {"animated.webp", golden_picture("images-bad/animated.webp"), "animated WebP", 6},
  };
}

}  // namespace tandem

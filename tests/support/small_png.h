// Writes small pictures as PNG files, without a library: one stored (uncompressed) deflate block.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tandem/image.h"

namespace tandem {

namespace small_png {

inline std::string big_endian(std::uint32_t value) {
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(value >> (24 - 8 * i));
  return bytes;
}

inline std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

inline std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

inline std::string chunk(std::string_view name, const std::string& data) {
  const std::string body = std::string(name) + data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc32(body));
}

}  // namespace small_png

// The picture as the bytes of a PNG file; at most some 21,000 pixels.
inline std::string png_bytes(const Image& image) {
  using namespace small_png;
  std::string rows;
  for (std::size_t y = 0; y < image.height; ++y) {
    rows += '\0';  // no filter
    rows.append(reinterpret_cast<const char*>(image.rgb.data()) + y * image.width * 3, image.width * 3);
  }
  if (rows.size() > 0xFFFF) throw std::invalid_argument("png_bytes: the picture is too large");
  const auto size = static_cast<std::uint16_t>(rows.size());
  const auto low = static_cast<char>(size & 0xFF);
  const auto high = static_cast<char>(size >> 8);
  std::string data = "\x78\x01\x01";  // zlib header, last block
  for (const char byte : {low, high, static_cast<char>(~low), static_cast<char>(~high)}) data += byte;
  data += rows + big_endian(adler32(rows));
  const std::string header = big_endian(static_cast<std::uint32_t>(image.width)) +
                             big_endian(static_cast<std::uint32_t>(image.height)) +
                             std::string("\x08\x02\x00\x00\x00", 5);  // 8 bit, RGB
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", header) + chunk("IDAT", data) + chunk("IEND", "");
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline void write_png(const std::filesystem::path& path, const Image& image) {
  write_file(path, png_bytes(image));
}

}  // namespace tandem

// A progressive JPEG of one white block of 8 × 8, coded in as many scans as its kind allows.
#pragma once

#include <string>

namespace tandem {

namespace many_scans_jpeg {

inline std::string segment(char marker, const std::string& data) {
  const std::size_t size = data.size() + 2;
  return std::string("\xFF") + marker + static_cast<char>(size >> 8) + static_cast<char>(size & 0xFF) + data;
}

// The only code of either table is one bit, 0: no difference to the block before, or no more coefficients.
inline std::string scan(int coefficient, int bits) {
  const std::string header = {
      1, 1, 0, static_cast<char>(coefficient), static_cast<char>(coefficient), static_cast<char>(bits)};
  return segment('\xDA', header) + '\x7F';
}

}  // namespace many_scans_jpeg

// 127 scans: each coefficient but the first comes in two, its high bits and its lowest.
inline std::string jpeg_of_127_scans() {
  using namespace many_scans_jpeg;
  const std::string one_code = std::string("\x01", 1) + std::string(15, '\0') + '\0';
  std::string file = "\xFF\xD8";
  file += segment('\xDB', '\0' + std::string(64, '\x01'));
  file += segment('\xC2', std::string("\x08\0\x08\0\x08\x01\x01\x11\0", 9));
  file += segment('\xC4', '\0' + one_code) + segment('\xC4', '\x10' + one_code);
  file += scan(0, 0);
  for (int coefficient = 1; coefficient < 64; ++coefficient) {
    file += scan(coefficient, 0x01) + scan(coefficient, 0x10);
  }
  return file + "\xFF\xD9";
}

}  // namespace tandem

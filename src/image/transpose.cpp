#include "image/transpose.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tandem::image {
namespace {

constexpr std::size_t kSquare = 16;
using Bytes16 [[gnu::vector_size(kSquare)]] = std::uint8_t;  // a register of every x86-64 and ARM

// kSquare rows of as many bytes, turned into columns. Each round lays the rows of the first half between
// those of the second.
void transpose(std::array<Bytes16, kSquare>& rows) {
  for (std::size_t round = 1; round < kSquare; round *= 2) {
    const std::array<Bytes16, kSquare> last = rows;
    for (std::size_t y = 0; y < kSquare / 2; ++y) {
      const Bytes16 a = last[y], b = last[y + kSquare / 2];
      rows[2 * y] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      rows[2 * y + 1] =
          __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
  }
}

}  // namespace

void transpose(const std::uint8_t* from, std::size_t from_step, std::size_t height, std::size_t width,
               std::uint8_t* to, std::size_t to_step) {
  if (height < kSquare || width < kSquare) {
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) to[x * to_step + y] = from[y * from_step + x];
    }
    return;
  }
  // The last square of a row or column may overlap the one before.
  for (std::size_t y = 0; y < height; y += kSquare) {
    const std::size_t top = std::min(y, height - kSquare);
    for (std::size_t x = 0; x < width; x += kSquare) {
      const std::size_t left = std::min(x, width - kSquare);
      std::array<Bytes16, kSquare> square;
      for (std::size_t i = 0; i < kSquare; ++i) {
        std::memcpy(&square[i], from + (top + i) * from_step + left, kSquare);
      }
      transpose(square);
      for (std::size_t i = 0; i < kSquare; ++i) {
        std::memcpy(to + (left + i) * to_step + top, &square[i], kSquare);
      }
    }
  }
}

}  // namespace tandem::image

#include "image/transpose.h"

#include <gtest/gtest.h>

#include <vector>

namespace tandem::image {
namespace {

TEST(Transpose, EachRowIsAColumnAndWhatLiesBehindStaysAsItIs) {
  for (std::size_t height : {1, 2, 15, 16, 17, 31, 32, 40}) {
    for (std::size_t width : {1, 3, 15, 16, 17, 33, 48}) {
      const std::size_t from_step = width + 3, to_step = height + 2;
      std::vector<std::uint8_t> from(height * from_step), to(width * to_step, 7);
      for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::uint8_t>(i * 37 + i / 251);
      transpose(from.data(), from_step, height, width, to.data(), to_step);
      for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t y = 0; y < to_step; ++y) {
          const int wanted = y < height ? from[y * from_step + x] : 7;
          ASSERT_EQ(to[x * to_step + y], wanted) << height << " × " << width << " at " << y << ", " << x;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tandem::image

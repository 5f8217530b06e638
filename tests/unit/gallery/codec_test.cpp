#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "gallery/token_codec.h"
#include "support/error_code_of.h"
#include "support/vectors.h"

namespace tandem::gallery {
namespace {

TEST(RowCodec, Float32ComesBackBitForBitInEverySize) {
  for (const std::size_t rows : {0, 1, 2, 17, 33}) {
    const Matrix wanted = random_vectors(rows, 9, 1);
    const auto bytes = encode_rows(wanted, ElementType::kFp32);
    const Matrix found = decode_rows(bytes, ElementType::kFp32, 9);
    ASSERT_EQ(found.rows(), rows);
    EXPECT_TRUE(std::equal(found.data(), found.data() + found.size(), wanted.data()));
  }
}

TEST(RowCodec, Int8IsOffByHalfAStepAtMostAndKeepsExtremesAndZeros) {
  Matrix wanted = random_vectors(20, 33, 2);
  for (float& value : wanted.row(3)) value = 0;
  for (float& value : wanted.row(4)) value *= 1e30F;
  for (float& value : wanted.row(5)) value *= 1e-30F;
  const Matrix found = decode_rows(encode_rows(wanted, ElementType::kInt8), ElementType::kInt8, 33);
  for (std::size_t i = 0; i < 20; ++i) {
    float largest = 0;
    for (const float value : wanted.row(i)) largest = std::max(largest, std::fabs(value));
    for (std::size_t j = 0; j < 33; ++j) {
      EXPECT_NEAR(found.row(i)[j], wanted.row(i)[j], largest / 254 * 1.0001F);
      if (std::fabs(wanted.row(i)[j]) == largest) {
        EXPECT_NEAR(found.row(i)[j], wanted.row(i)[j], largest * 1e-6F);
      }
    }
  }
}

TEST(RowCodec, RefusesWhatAFormatCannotHold) {
  Matrix row = random_vectors(1, 4, 3);
  row.row(0)[1] = 65505.0F;
  EXPECT_EQ(error_code_of([&] { encode_rows(row, ElementType::kFp16); }), ErrorCode::kInvalidArgument);
  EXPECT_NO_THROW(encode_rows(row, ElementType::kInt8));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    row.row(0)[1] = bad;
    for (const auto type : {ElementType::kFp32, ElementType::kFp16, ElementType::kInt8}) {
      EXPECT_EQ(error_code_of([&] { encode_rows(row, type); }), ErrorCode::kInvalidArgument);
    }
  }
}

}  // namespace
}  // namespace tandem::gallery

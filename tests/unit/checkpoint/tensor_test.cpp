#include "checkpoint/tensor.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "safetensors_bytes.h"
#include "support/expect_error.h"

namespace tandem::checkpoint {
namespace {

template <typename T>
TensorView view_of(DType dtype, Shape shape, const std::vector<T>& values) {
  return {dtype, std::move(shape), std::as_bytes(std::span(values)), nullptr};
}

// The plain definition of float16 (IEEE 754), by arithmetic.
float half_by_definition(std::uint16_t half) {
  const int exponent = (half >> 10) & 0x1f;
  const double mantissa = half & 0x3ff;
  const double sign = half & 0x8000 ? -1 : 1;
  if (exponent == 0x1f) return static_cast<float>(mantissa == 0 ? sign * HUGE_VAL : std::nan(""));
  if (exponent == 0) return static_cast<float>(sign * std::ldexp(mantissa, -24));
  return static_cast<float>(sign * std::ldexp(1024 + mantissa, exponent - 25));
}

TEST(ReadF32, EveryFloat16IsExact) {
  std::vector<std::uint16_t> halves(65'536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  std::vector<float> values(halves.size());
  read_f32(view_of(DType::kF16, {65'536}, halves), values);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const float wanted = half_by_definition(halves[i]);
    if (std::isnan(wanted)) {
      ASSERT_TRUE(std::isnan(values[i])) << i;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]), std::bit_cast<std::uint32_t>(wanted)) << i;
    }
  }
}

TEST(ReadF32, WantsRoomForAllValues) {
  const std::vector<float> stored = {1, 2};
  std::vector<float> room(3);
  expect_error(ErrorCode::kInvalidArgument, "2 values into room for 3",
               [&] { read_f32(view_of(DType::kF32, {2}, stored), room); });
}

TEST(Dequantise, MultipliesEachRowByItsScale) {
  for (const std::int64_t rows : {0, 1, 2, 17, 33}) {
    std::vector<std::int8_t> stored;
    std::vector<float> scales;
    for (std::int64_t r = 0; r < rows; ++r) {
      scales.push_back(0.5f / static_cast<float>(r + 1));
      for (int c = 0; c < 6; ++c) stored.push_back(static_cast<std::int8_t>(r * 7 - c * 40));
    }
    std::vector<float> values(stored.size());
    dequantise("w", view_of(DType::kI8, {rows, 3, 2}, stored), view_of(DType::kF32, {rows}, scales), values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(values[i], static_cast<float>(stored[i]) * scales[i / 6]) << i;
    }
  }
}

TEST(Dequantise, RefusesScalesThatDoNotFit) {
  const std::vector<std::int8_t> stored(6);
  const std::vector<float> scales(6);
  std::vector<float> values(6);
  const TensorView rows = view_of(DType::kI8, {2, 3}, stored);
  const TensorView three = view_of(DType::kF32, {3}, std::vector<float>(3));
  expect_error(ErrorCode::kBadFormat, "w.scale: found F32 [3] for I8 [2, 3]",
               [&] { dequantise("w", rows, three, values); });
  expect_error(ErrorCode::kBadFormat, "w.scale: found I8 [2, 3]",
               [&] { dequantise("w", rows, rows, values); });
  expect_error(ErrorCode::kBadFormat, "w.scale: found F32 [6] for F32 [6]", [&] {
    const TensorView floats = view_of(DType::kF32, {6}, scales);
    dequantise("w", floats, floats, values);
  });
}

TEST(DTypes, NamesGoBothWays) {
  for (const char* name : {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}) {
    ASSERT_TRUE(find_dtype(name).has_value()) << name;
    EXPECT_STREQ(to_string(*find_dtype(name)), name);
  }
  EXPECT_FALSE(find_dtype("f32").has_value());
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ(to_string(Shape{3, 4}), "[3, 4]");
}

}  // namespace
}  // namespace tandem::checkpoint

// Rows of float32 brought to 8 bits, with one scale for each row.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tandem::nn {

// What the values of a row become: `zero` and whole numbers up to `steps` away from it, stored as `type`.
struct ByteRange {
  at::ScalarType type;
  std::int32_t zero, steps;
};

// Of what the one factor of a product is: weights, image tokens.
inline constexpr ByteRange kSignedBytes = {at::kChar, 0, 127};
// Of the other: for values of either sign, and for those without one. 8 bits where the processor sums
// products of bytes in 32 bits (AVX-512 VNNI). Others sum two of them in 16, which is enough for 7 bits of
// this factor.
ByteRange byte_range();
ByteRange positive_byte_range();

// Whether products of bytes are faster than those of float32 (AVX2).
bool multiplies_bytes();

// A value becomes the nearest of the range's numbers, of which `steps` is the row's largest magnitude.
// Returns what a step stands for.
float quantise_row(const float* row, std::int64_t width, const ByteRange& range, std::uint8_t* steps);

class Int8Rows {
 public:
  Int8Rows() = default;
  // Room for rows of so many values.
  Int8Rows(at::IntArrayRef sizes, const ByteRange& range);
  // All rows of the last dimension.
  Int8Rows(const at::Tensor& values, const ByteRange& range);

  // Brings the values of row `i` to 8 bits, and multiplies what a step of it stands for by `factor`.
  void set(std::int64_t i, const float* values, float factor = 1);

  const ByteRange& range() const { return range_; }
  const at::Tensor& steps() const { return steps_; }    // as the values lay
  const at::Tensor& scales() const { return scales_; }  // of each row: what a step stands for
  float scale(std::int64_t i) const { return scales_.data_ptr<float>()[i]; }

 private:
  ByteRange range_ = kSignedBytes;
  at::Tensor steps_;
  at::Tensor scales_;
};

}  // namespace tandem::nn

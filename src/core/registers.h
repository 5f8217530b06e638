// Vector registers of three sizes, in the compiler's own terms: it takes as many smaller ones where a
// function is compiled for a processor without them.
//
// They are handed on by reference: by value they would not go the same way into functions that are compiled
// for other instructions.
#pragma once

namespace tandem {

using Floats4 [[gnu::vector_size(16)]] = float;
using Floats8 [[gnu::vector_size(32)]] = float;
using Floats16 [[gnu::vector_size(64)]] = float;

// The sum of all values: the upper half is added to the lower one until one is left.
[[gnu::always_inline]] inline float total_of(const Floats4& v) { return (v[0] + v[2]) + (v[1] + v[3]); }
[[gnu::always_inline]] inline float total_of(const Floats8& v) {
  return total_of(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
[[gnu::always_inline]] inline float total_of(const Floats16& v) {
  return total_of(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                  __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}

}  // namespace tandem

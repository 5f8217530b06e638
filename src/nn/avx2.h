// For kernels that are faster than LibTorch's on processors whose widest registers are those of AVX2: there
// its BLAS copies matrices to another layout for each product, and its fused attention takes up to twice as
// long on short sequences. Where there is AVX-512 neither was found.
#pragma once

#include <cstdint>

#ifdef __x86_64__
#define TANDEM_AVX2 [[gnu::target("avx2,fma")]]
#else
#define TANDEM_AVX2
#endif

namespace tandem::nn {

// Handed on by reference: by value a register would not go the same way into functions that are compiled for
// other instructions.
using Floats8 [[gnu::vector_size(32)]] = float;
inline constexpr std::int64_t kFloats8 = 8;

inline bool has_avx2() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

inline bool is_widest_avx2() {
#ifdef __x86_64__
  return has_avx2() && __builtin_cpu_supports("avx512f") == 0;
#else
  return false;
#endif
}

}  // namespace tandem::nn

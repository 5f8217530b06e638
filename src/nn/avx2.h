// For kernels that are faster than LibTorch's on processors whose widest registers are those of AVX2: there
// its BLAS copies matrices to another layout for each product, and its fused attention takes two to three
// times as long on short sequences. Where there is AVX-512 it was not measured.
#pragma once

#include <cstdint>

#include "core/registers.h"

#ifdef __x86_64__
#define TANDEM_AVX2 [[gnu::target("avx2,fma")]]
#else
#define TANDEM_AVX2
#endif

namespace tandem::nn {

inline constexpr std::int64_t kFloats8 = 8;

#ifdef __x86_64__
inline bool has_avx2() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }
inline bool is_widest_avx2() { return has_avx2() && __builtin_cpu_supports("avx512f") == 0; }
#else
inline bool has_avx2() { return false; }
inline bool is_widest_avx2() { return false; }
#endif

}  // namespace tandem::nn

#include "nn/vector_exp.h"

#include <limits>

#include "core/vectorised.h"

namespace tandem::nn {

TANDEM_VECTORISED float exponentiate_row(float* scores, std::int64_t length, float factor) {
  float largest = -std::numeric_limits<float>::infinity(), sum = 0;
#pragma omp simd reduction(max : largest)
  for (std::int64_t i = 0; i < length; ++i) largest = scores[i] > largest ? scores[i] : largest;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < length; ++i) {
    scores[i] = vector_exp((scores[i] - largest) * factor);
    sum += scores[i];
  }
  return sum;
}

}  // namespace tandem::nn

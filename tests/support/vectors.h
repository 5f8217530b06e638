// Random vectors of length 1 from a fixed seed.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <span>
#include <vector>

#include "tandem/matrix.h"

namespace tandem {

inline void scale_to_length_1(std::span<float> row) {
  double squares = 0;
  for (const float value : row) squares += double{value} * value;
  for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
}

// Evenly spread over the sphere.
inline Matrix random_vectors(std::size_t rows, std::size_t columns, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrix vectors(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (float& value : vectors.row(i)) value = normal(random);
    scale_to_length_1(vectors.row(i));
  }
  return vectors;
}

// Around `clusters` centres, as embeddings of pictures lie.
inline Matrix clustered_vectors(std::size_t rows, std::size_t columns, std::size_t clusters,
                                std::uint32_t seed) {
  const Matrix centres = random_vectors(clusters, columns, 7);
  const Matrix noise = random_vectors(rows, columns, seed);
  std::mt19937 random(seed + 1);
  Matrix vectors(rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto centre = centres.row(random() % clusters);
    for (std::size_t j = 0; j < columns; ++j) vectors.row(i)[j] = centre[j] + 0.7F * noise.row(i)[j];
    scale_to_length_1(vectors.row(i));
  }
  return vectors;
}

// first, first + 1, ...
inline std::vector<std::int64_t> ids_from(std::int64_t first, std::size_t count) {
  std::vector<std::int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), first);
  return ids;
}

}  // namespace tandem

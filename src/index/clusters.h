// Vectors that stand for many.
//
// A free function.
#pragma once

#include <cstddef>
#include <vector>

#include "tandem/matrix.h"

namespace tandem::index {

struct Clusters {
  Matrix centres;                    // each the mean of its members
  std::vector<std::size_t> members;  // how many rows are nearest to each centre
};

// k-means (FAISS), the same for the same rows. `count`: 1 to as many as there are rows. Throws Backend.
Clusters find_clusters(MatrixView rows, std::size_t count);

}  // namespace tandem::index

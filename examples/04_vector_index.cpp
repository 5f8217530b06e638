// The vector indexes without pictures: how much of the exact answer does an approximate index find?
//
//   04_vector_index [SPEC]      SPEC is a FAISS factory string, HNSW32 if not given
#include <tandem/tandem.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

namespace {

// Rows of length 1, as embeddings are.
tandem::Matrix random_embeddings(std::size_t rows, std::size_t dimension, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  tandem::Matrix matrix(rows, dimension);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = matrix.row(i);
    std::ranges::generate(row, [&] { return normal(random); });
    const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
    for (float& value : row) value /= length;
  }
  return matrix;
}

}  // namespace

int main(int argc, char** argv) try {
  constexpr std::size_t kDimension = 64;
  constexpr std::size_t kHits = 10;
  const auto vectors = random_embeddings(2000, kDimension, 1);
  const auto queries = random_embeddings(100, kDimension, 2);
  std::vector<std::int64_t> ids(vectors.rows());
  std::iota(ids.begin(), ids.end(), 1);

  const std::string spec = argc > 1 ? argv[1] : "HNSW32";
  const auto exact = tandem::make_index("exact", kDimension);
  const auto approximate = tandem::make_index(spec, kDimension);
  exact->add(vectors, ids);
  approximate->add(vectors, ids);

  const auto wanted = exact->search(queries, kHits);
  const auto found = approximate->search(queries, kHits);
  std::size_t common = 0;
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    for (const auto& hit : found[q]) {
      common += std::ranges::count(wanted[q], hit.id, &tandem::ScoredId::id);
    }
  }
  std::cout << spec << " finds " << 100.0 * common / (queries.rows() * kHits) << " % of the nearest " << kHits
            << " of " << vectors.rows() << " vectors\n";
} catch (const tandem::Error& error) {
  std::cerr << error.what() << '\n';
  return tandem::exit_status(error.code());
}

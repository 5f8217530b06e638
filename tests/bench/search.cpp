// Vector indexes: ten hits for one query, among random vectors of length 1, by kind and size.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "inputs.h"
#include "tandem/index.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kDimension = 384;

Matrix random_embeddings(std::size_t rows, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrix matrix(rows, kDimension);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = matrix.row(i);
    std::ranges::generate(row, [&] { return normal(random); });
    const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
    for (float& value : row) value /= length;
  }
  return matrix;
}

void search_index(benchmark::State& state, const std::string& spec) {
  set_num_threads(2);
  const auto size = static_cast<std::size_t>(state.range(0));
  std::vector<std::int64_t> ids(size);
  std::iota(ids.begin(), ids.end(), 1);
  const auto index = make_index(spec, kDimension);
  index->add(random_embeddings(size, 1), ids);
  const Matrix query = random_embeddings(1, 2);
  for (auto _ : state) benchmark::DoNotOptimize(index->search(query, 10));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(search_index, exact, "exact")->Arg(1000)->Arg(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search_index, flat, "Flat")->Arg(1000)->Arg(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search_index, ivf, "IVF64,Flat")->Arg(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(search_index, hnsw, "HNSW32")->Arg(20000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tandem::bench

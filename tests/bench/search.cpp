// Vector indexes: the 100 best of so many rows for one query and for 64, by a plain scan, by that of FAISS
// (Flat), and by the index that a large gallery takes; and how fast the memory can be read at all.
// TANDEM_BENCH_ROWS=1000000 adds this number of rows; that takes some minutes and 6 GB of memory.
#include <benchmark/benchmark.h>
#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <unordered_set>

#include "tandem/index.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kDimension = 384;
constexpr std::size_t kHits = 100;
constexpr std::int64_t kQueries = 64;
constexpr double kWantedRecall = 0.99;
constexpr std::int64_t kLeastForIndex = 100'000;  // up to here a gallery is exact

// Unit vectors around others, each at a distance of about `spread`. The first values vary most, as those
// along the principal axes of embeddings do.
Matrix around(const Matrix& centres, std::size_t rows, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Matrix vectors(rows, kDimension);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = vectors.row(i);
    for (std::size_t j = 0; j < kDimension; ++j) {
      row[j] = normal(random) * std::pow(static_cast<float>(j + 1), -0.65F);
    }
    const auto scale = [&](float length) {
      const float found = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0F));
      for (float& value : row) value *= length / found;
    };
    scale(spread);
    if (!centres.empty()) {
      const auto centre = centres.row(random() % centres.rows());
      std::transform(row.begin(), row.end(), centre.begin(), row.begin(), std::plus<>());
    }
    scale(1);
  }
  return vectors;
}

// As many rows lie together as pictures of one thing do: subjects, motifs, pictures. An inverted index has
// to look at about as large a part of them as of embeddings of real captions.
Matrix embeddings(std::size_t rows) {
  const Matrix subjects = around({}, 2000, 1, 1);
  const Matrix motifs = around(subjects, 20'000, 0.7F, 2);
  return around(motifs, rows, 0.5F, 3);
}

// Somewhere near rows.
Matrix queries_near(const Matrix& rows) { return around(rows, kQueries, 0.5F, 4); }

// The rows of the benchmark that runs, and its index: made once, for it is called several times.
struct Case {
  std::string spec;
  Matrix rows;
  Matrix queries;
  std::unique_ptr<VectorIndex> index;
  double recall = 1;
};

using Hits = std::vector<std::vector<ScoredId>>;

// What a gallery does: candidates by the index, four for each that is wanted, and their exact scores.
Hits search(const Case& made, MatrixView queries) {
  if (made.spec == "exact" || made.spec == "Flat") return made.index->search(queries, kHits);
  Hits hits = made.index->search(queries, 4 * kHits);
  for (std::size_t i = 0; i < queries.rows(); ++i) {
    for (ScoredId& hit : hits[i]) {
      const auto row = made.rows.row(static_cast<std::size_t>(hit.id));
      hit.score = std::transform_reduce(row.begin(), row.end(), queries.row(i).begin(), 0.0F);
    }
    sort_best_first(hits[i], kHits);
  }
  return hits;
}

double recall(const Hits& found, const Hits& wanted) {
  std::size_t hits = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::unordered_set<std::int64_t> ids;
    for (const ScoredId& hit : found[i]) ids.insert(hit.id);
    for (const ScoredId& hit : wanted[i]) hits += ids.count(hit.id);
  }
  return static_cast<double>(hits) / static_cast<double>(wanted.size() * kHits);
}

// Lets the index look at as much as it takes, as a gallery does.
void tune(Case& made, const VectorIndex& exact) {
  const Hits wanted = exact.search(made.queries, kHits);
  double share = 1.0 / 512;
  while (made.index->look_at(share) && share < 1) {
    made.recall = recall(search(made, made.queries), wanted);
    if (made.recall >= kWantedRecall) return;
    share = std::min(1.0, share * 1.25);
  }
}

const Case& the_case(const std::string& spec, std::size_t rows) {
  static Case made;
  if (made.rows.rows() != rows) made = {"", embeddings(rows), {}, nullptr};
  if (made.spec == spec) return made;
  made.queries = queries_near(made.rows);
  std::vector<std::int64_t> ids(rows);
  std::iota(ids.begin(), ids.end(), 0);
  made.spec = spec;
  made.index = make_index(spec, kDimension);
  made.index->add(made.rows, ids);
  if (spec != "exact" && spec != "Flat") {
    const auto exact = make_index("exact", kDimension);
    exact->add(made.rows, ids);
    tune(made, *exact);
  }
  return made;
}

void search_index(benchmark::State& state, const std::string& spec) {
  omp_set_num_threads(2);
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto count = static_cast<std::size_t>(state.range(1));
  const Case& made = the_case(spec, rows);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(search(made, made.queries.view().rows(next, count)));
    next = (next + count) % kQueries;
  }
  state.SetLabel(made.spec);
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.counters["recall"] = made.recall;
}

// What no scan can be faster than.
void read_memory(benchmark::State& state) {
  omp_set_num_threads(2);
  const Case& made = the_case("exact", static_cast<std::size_t>(state.range(0)));
  const float* const values = made.rows.data();
  const auto size = static_cast<std::ptrdiff_t>(made.rows.size());
  for (auto _ : state) {
    std::uint32_t sum = 0;  // of whole numbers, as additions of real ones wait for each other
#pragma omp parallel for simd reduction(+ : sum)
    for (std::ptrdiff_t i = 0; i < size; ++i) sum += std::bit_cast<std::uint32_t>(values[i]);
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * size * static_cast<std::ptrdiff_t>(sizeof(float)));
}

std::vector<std::int64_t> sizes() {
  std::vector<std::int64_t> sizes = {1000, 10'000, 100'000};
  if (const char* more = std::getenv("TANDEM_BENCH_ROWS")) sizes.push_back(std::atoll(more));
  return sizes;
}

// By size first, so that the rows are made once for all that search them.
[[maybe_unused]] const bool registered = [] {
  const auto add = [](const std::string& spec, std::int64_t size) {
    benchmark::RegisterBenchmark("search_index", search_index, spec)
        ->Args({size, 1})
        ->Args({size, kQueries})
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
  };
  for (const std::int64_t size : sizes()) {
    benchmark::RegisterBenchmark("read_memory", read_memory)
        ->Arg(size)
        ->Unit(benchmark::kMicrosecond)
        ->UseRealTime();
    add("exact", size);
    add("Flat", size);
    if (size >= kLeastForIndex)
      add(automatic_spec(static_cast<std::size_t>(std::max(size, kLeastForIndex + 1))), size);
  }
  return true;
}();

}  // namespace
}  // namespace tandem::bench

// The best hits among parts that the threads of OpenMP share out among themselves.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "index/best_hits.h"

namespace tandem::index {

// Bytes that a search reads, from which on more threads are worth waking: some tenths of a millisecond.
inline constexpr std::size_t kBytesForThreads = 4 << 20;

// Calls scan(part, query, best) for each part and query, which offers to `best` what it finds. Returns the
// best `k` for each query. `rows` and `bytes`: how much there is to scan in all. What is best does not depend
// on who scanned what, nor on how many they were.
template <typename Scan>
std::vector<std::vector<ScoredId>> best_of_parts(std::size_t parts, std::size_t queries, std::size_t k,
                                                 std::size_t rows, std::size_t bytes, const Scan& scan) {
  // Each thread keeps k hits: no more threads than there are so many rows for.
  const std::size_t most = bytes < kBytesForThreads ? 1 : static_cast<std::size_t>(omp_get_max_threads());
  const std::size_t threads = std::clamp<std::size_t>(rows / k, 1, most);
  std::vector<BestHits> found;
  for (std::size_t i = 0; i < threads * queries; ++i) found.emplace_back(std::min(k, rows));
#pragma omp parallel num_threads(static_cast <int>(threads)) if (threads > 1)
  {
    BestHits* const own = found.data() + static_cast<std::size_t>(omp_get_thread_num()) * queries;
#pragma omp for schedule(dynamic, 8)
    for (std::size_t part = 0; part < parts; ++part) {
      for (std::size_t query = 0; query < queries; ++query) scan(part, query, own[query]);
    }
  }
  std::vector<std::vector<ScoredId>> best(queries);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::vector<ScoredId> hits = found[i].take();
    best[i % queries].insert(best[i % queries].end(), hits.begin(), hits.end());
  }
  if (threads > 1) {
    for (auto& hits : best) sort_best_first(hits, k);
  }
  return best;
}

}  // namespace tandem::index

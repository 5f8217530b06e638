#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "tandem/index.h"

namespace tandem {
namespace {

// A total order even where a score is not a number (it counts as the worst), so that sorting never
// depends on what the caller let through.
bool better(const ScoredId& a, const ScoredId& b) {
  if (std::isnan(a.score) || std::isnan(b.score)) {
    if (std::isnan(a.score) != std::isnan(b.score)) return std::isnan(b.score);
    return a.id < b.id;
  }
  return a.score != b.score ? a.score > b.score : a.id < b.id;
}

}  // namespace

void sort_best_first(std::vector<ScoredId>& hits, std::size_t k) {
  const auto wanted = static_cast<std::ptrdiff_t>(std::min(k, hits.size()));
  std::partial_sort(hits.begin(), hits.begin() + wanted, hits.end(), better);
  hits.resize(static_cast<std::size_t>(wanted));
}

}  // namespace tandem

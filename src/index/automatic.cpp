#include "index/automatic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace tandem::index {
namespace {

constexpr double kLeastShare = 1.0 / 512;
constexpr double kStep = 1.25;

}  // namespace

std::string spec_for(std::size_t rows, std::size_t max_exact) {
  if (rows <= max_exact) return "exact";
  // A search scores as many centroids as there are lists, and the rows of a few lists: their number grows
  // with the root, so that neither becomes the greater part.
  return fmt::format("IVF{},SQ8", 4 * std::lround(std::sqrt(static_cast<double>(rows))));
}

double recall_of(std::span<const std::vector<ScoredId>> found,
                 std::span<const std::vector<ScoredId>> wanted) {
  std::size_t hits = 0;
  std::size_t all = 0;
  for (std::size_t query = 0; query < wanted.size(); ++query) {
    std::unordered_set<std::int64_t> ids;
    for (const ScoredId& hit : found[query]) ids.insert(hit.id);
    for (const ScoredId& hit : wanted[query]) hits += ids.count(hit.id);
    all += wanted[query].size();
  }
  return all == 0 ? 1 : static_cast<double>(hits) / static_cast<double>(all);
}

double look_far_enough(VectorIndex& index, double wanted, const std::function<double()>& measure) {
  for (double share = kLeastShare;; share = std::min(1.0, share * kStep)) {
    const bool can_look_further = index.look_at(share) && share < 1;
    const double recall = measure();
    if (recall >= wanted || !can_look_further) return recall;
  }
}

}  // namespace tandem::index

namespace tandem {

std::string automatic_spec(std::size_t rows) { return index::spec_for(rows); }

}  // namespace tandem

// What one query adds to each metric.
//
// Thread-safe: free functions on values.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tandem/evaluation.h"

namespace tandem::evaluation {

struct QueryValues {
  double mrr = 0;
  double mrr_at_10 = 0;
  double ndcg_at_10 = 0;
  double map_at_10 = 0;
};
QueryValues values_of(const QueryRanks& query);

// From 1; behind the last candidate where no right answer was ranked.
std::size_t first_rank(const QueryRanks& query);

// Throws InvalidArgument for no queries and for a cutoff of 0.
void check_metrics(std::span<const QueryRanks> queries, std::span<const std::size_t> cutoffs);

}  // namespace tandem::evaluation

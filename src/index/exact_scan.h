// The plain scan: inner products of queries with every row, the best kept.
//
// Free functions and a value class; a BestRows is for one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "index/inner_product.h"
#include "tandem/index.h"
#include "tandem/matrix.h"

namespace tandem::index {

// Throws InvalidArgument, calling the matrix `what`, unless it has `columns` columns (any number if it
// has no rows) and finite values only.
void require_vectors(MatrixView vectors, std::size_t columns, std::string_view what);

// Throws InvalidArgument for k = 0 and for queries that require_vectors() refuses.
void require_search(MatrixView queries, std::size_t columns, std::size_t k);

// n × columns; ids[i] belongs to row i.
struct RowsWithIds {
  MatrixView rows;
  std::span<const std::int64_t> ids;
};

// The `k` best rows for each of a set of queries, collected over any number of scans. A scan uses the threads
// of OpenMP where there is enough to do; the result does not depend on how many.
class BestRows {
 public:
  // `queries` must outlive this object.
  BestRows(MatrixView queries, std::size_t k);

  // Scores the rows of all parts, which are as wide as the queries. A row whose id is below `first_id` is
  // passed over: a negative id marks a row that nobody wants.
  void scan(std::span<const RowsWithIds> parts, std::int64_t first_id = 0);

  // One list for each query, best first. Leaves this object empty.
  std::vector<std::vector<ScoredId>> take();

 private:
  MatrixView queries_;
  std::size_t k_;
  std::vector<std::vector<ScoredId>> best_;
};

}  // namespace tandem::index

#include "index/exact_index.h"

#include "core/fail.h"
#include "index/exact_scan.h"
#include "index/index_file.h"

namespace tandem::index {

void require_rows(MatrixView vectors, std::span<const std::int64_t> ids, std::size_t dimension) {
  if (vectors.rows() != ids.size()) {
    fail(ErrorCode::kInvalidArgument, "index: {} vectors and {} ids, one id for each vector is wanted",
         vectors.rows(), ids.size());
  }
  for (const std::int64_t id : ids) {
    if (id < 0) fail(ErrorCode::kInvalidArgument, "index: id {} is negative, at least 0 is wanted", id);
  }
  require_vectors(vectors, dimension, "index: vectors");
}

void ExactIndex::add(MatrixView vectors, std::span<const std::int64_t> ids) {
  require_rows(vectors, ids, dimension_);
  values_.insert(values_.end(), vectors.data(), vectors.data() + vectors.size());
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

std::vector<std::vector<ScoredId>> ExactIndex::search(MatrixView queries, std::size_t k) const {
  require_search(queries, dimension_, k);
  BestRows best(queries, k);
  const RowsWithIds all{vectors(), ids_};
  best.scan({&all, 1});
  return best.take();
}

std::vector<std::byte> ExactIndex::to_bytes() const {
  const auto body = format_rows(ids_, vectors());
  return format_index_file({"exact", dimension_, size(), IndexBody::kRows, body});
}

}  // namespace tandem::index

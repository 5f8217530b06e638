#include "index/exact_scan.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"

namespace tandem::index {
namespace {

// Rows that are scored for every query before the next ones are touched: small enough for the second
// level cache of the processors of these years.
constexpr std::size_t kBlockBytes = 128 * 1024;

}  // namespace

float inner_product(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kLanes = 16;  // independent sums, which the compiler lays into vector registers
  std::array<float, kLanes> sums{};
  std::size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < a.size(); ++i) sums[i % kLanes] += a[i] * b[i];
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) sums[lane] += sums[lane + width];
  }
  return sums[0];
}

void require_vectors(MatrixView vectors, std::size_t columns, std::string_view what) {
  if (vectors.rows() == 0) return;
  if (vectors.columns() != columns) {
    fail(ErrorCode::kInvalidArgument, "{}: have {} values each, {} are wanted", what, vectors.columns(),
         columns);
  }
  for (std::size_t i = 0; i < vectors.rows(); ++i) {
    const auto row = vectors.row(i);
    if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) {
      fail(ErrorCode::kInvalidArgument, "{}: row {} has a value that is not finite; embed it again", what, i);
    }
  }
}

void require_search(MatrixView queries, std::size_t columns, std::size_t k) {
  if (k == 0) fail(ErrorCode::kInvalidArgument, "search: k is 0, at least 1 is wanted");
  require_vectors(queries, columns, "search: queries");
}

BestRows::BestRows(MatrixView queries, std::size_t k) : queries_(queries), k_(k), best_(queries.rows()) {}

void BestRows::scan(MatrixView rows, std::span<const std::int64_t> ids, std::int64_t first_id) {
  const std::size_t block =
      std::max<std::size_t>(1, kBlockBytes / sizeof(float) / std::max<std::size_t>(1, rows.columns()));
  for (std::size_t first = 0; first < rows.rows(); first += block) {
    const std::size_t count = std::min(block, rows.rows() - first);
    for (std::size_t query = 0; query < queries_.rows(); ++query) {
      scan_block(rows.rows(first, count), ids.subspan(first, count), first_id, query);
    }
  }
}

void BestRows::scan_block(MatrixView rows, std::span<const std::int64_t> ids, std::int64_t first_id,
                          std::size_t query) {
  auto& best = best_[query];
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (ids[i] < first_id) continue;
    best.push_back({ids[i], inner_product(queries_.row(query), rows.row(i))});
    // Twice the room, so that a sort is paid once for every k rows.
    if (best.size() / 2 >= k_ && best.size() >= 1024) sort_best_first(best, k_);
  }
}

std::vector<std::vector<ScoredId>> BestRows::take() {
  for (auto& best : best_) sort_best_first(best, k_);
  return std::move(best_);
}

}  // namespace tandem::index

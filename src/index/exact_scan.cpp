#include "index/exact_scan.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "index/best_of_parts.h"

namespace tandem::index {
namespace {

// Rows that are scored for every query before the next ones are touched: small enough for the first level
// cache of the processors of these years.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kMaxBlockRows = 1024;

std::vector<RowsWithIds> blocks_of(std::span<const RowsWithIds> parts) {
  std::vector<RowsWithIds> blocks;
  for (const auto& [rows, ids] : parts) {
    const std::size_t row_bytes = std::max<std::size_t>(1, rows.columns()) * sizeof(float);
    const std::size_t size = std::clamp<std::size_t>(kBlockBytes / row_bytes, 1, kMaxBlockRows);
    for (std::size_t first = 0; first < rows.rows(); first += size) {
      const std::size_t count = std::min(size, rows.rows() - first);
      blocks.push_back({rows.rows(first, count), ids.subspan(first, count)});
    }
  }
  return blocks;
}

void scan_block(const RowsWithIds& block, std::span<const float> query, std::int64_t first_id,
                BestHits& best) {
  const auto is_wanted = [&](std::int64_t id) { return id >= first_id; };
  if (std::none_of(block.ids.begin(), block.ids.end(), is_wanted)) return;
  std::array<float, kMaxBlockRows> scores;
  inner_products(block.rows, query, scores.data());
  for (std::size_t i = 0; i < block.ids.size(); ++i) {
    // So that a score that is not a number is offered.
    if (!(scores[i] < best.least_score()) && is_wanted(block.ids[i])) best.offer({block.ids[i], scores[i]});
  }
}

}  // namespace

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

void BestRows::scan(std::span<const RowsWithIds> parts, std::int64_t first_id) {
  const std::vector<RowsWithIds> blocks = blocks_of(parts);
  std::size_t rows = 0;
  for (const RowsWithIds& block : blocks) rows += block.rows.rows();
  const auto found =
      best_of_parts(blocks.size(), queries_.rows(), k_, rows, rows * queries_.size() * sizeof(float),
                    [&](std::size_t block, std::size_t query, BestHits& best) {
                      scan_block(blocks[block], queries_.row(query), first_id, best);
                    });
  for (std::size_t query = 0; query < found.size(); ++query) {
    best_[query].insert(best_[query].end(), found[query].begin(), found[query].end());
    sort_best_first(best_[query], k_);
  }
}

std::vector<std::vector<ScoredId>> BestRows::take() { return std::move(best_); }

}  // namespace tandem::index

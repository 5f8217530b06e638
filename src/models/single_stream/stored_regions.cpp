#include "models/single_stream/stored_regions.h"

namespace tandem::models {
namespace {

// batch × rows: which rows are zeros throughout.
at::Tensor zero_rows(const at::Tensor& rows) { return (rows == 0).all(-1); }

}  // namespace

at::Tensor join_tags(const at::Tensor& regions, const at::Tensor& words) {
  // The last row of zeros separates, so that a region of zeros needs one behind it.
  const bool separated = words.defined() || zero_rows(regions).any().item<bool>();
  if (!separated) return regions;
  const at::Tensor separator = at::zeros_like(regions.slice(1, 0, 1));
  return words.defined() ? at::cat({regions, separator, words}, 1) : at::cat({regions, separator}, 1);
}

StoredRegions split_tags(const at::Tensor& rows) {
  const at::Tensor zeros = zero_rows(rows).nonzero();
  if (zeros.size(0) == 0) return {rows, {}};
  const auto separator = zeros[-1][0].item<std::int64_t>();
  const bool tags = separator + 1 < rows.size(0);
  return {rows.slice(0, 0, separator), tags ? rows.slice(0, separator + 1) : at::Tensor()};
}

}  // namespace tandem::models

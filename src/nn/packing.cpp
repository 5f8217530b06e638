#include "nn/packing.h"

namespace tandem::nn {

at::Tensor pack(const std::vector<at::Tensor>& parts) {
  std::vector<at::Tensor> rows;
  for (const at::Tensor& part : parts) rows.push_back(part.flatten(0, 1));
  return at::cat(rows);
}

std::vector<at::Tensor> unpack(const at::Tensor& rows, std::span<const Run> runs) {
  std::vector<std::int64_t> sizes;
  for (const Run& run : runs) sizes.push_back(run.sequences * run.length);
  std::vector<at::Tensor> parts = rows.split_with_sizes(sizes);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i] = parts[i].unflatten(0, {runs[i].sequences, runs[i].length});
  }
  return parts;
}

at::Tensor means(const at::Tensor& rows, std::span<const Run> runs) {
  std::vector<std::int64_t> lengths;
  for (const Run& run : runs)
    lengths.insert(lengths.end(), static_cast<std::size_t>(run.sequences), run.length);
  return stretch_means(rows, lengths);
}

at::Tensor stretch_means(const at::Tensor& rows, const std::vector<std::int64_t>& lengths) {
  const at::Tensor all = torch::tensor(lengths, at::kLong).to(rows.device());
  return at::segment_reduce(rows, "mean", all, /*indices=*/{}, /*offsets=*/{}, /*axis=*/0, /*unsafe=*/true);
}

}  // namespace tandem::nn

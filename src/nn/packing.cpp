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
  std::vector<std::int64_t> stretch_of;  // each row
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    stretch_of.insert(stretch_of.end(), static_cast<std::size_t>(lengths[i]), static_cast<std::int64_t>(i));
  }
  const auto on_device = [&](const std::vector<std::int64_t>& values) {
    return torch::tensor(values, at::kLong).to(rows.device());
  };
  const at::Tensor sums = at::zeros({std::ssize(lengths), rows.size(1)}, rows.options())
                              .index_add(0, on_device(stretch_of), rows);
  return sums / on_device(lengths).unsqueeze(1);
}

}  // namespace tandem::nn

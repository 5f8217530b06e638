// What was computed in groups of one shape, back in the order of what it is of.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/network.h"

namespace tandem::models {

// A group by its members' places alone.
struct Members {
  std::vector<std::size_t> members;
};

inline at::Tensor to_tensor(const std::vector<std::int64_t>& values, const at::Device& device) {
  return torch::tensor(values, at::kLong).to(device);
}

// parts[i]: a row for each of groups[i].members, which are all places from 0 on.
template <typename Groups>
at::Tensor in_order(const Groups& groups, const std::vector<at::Tensor>& parts) {
  const at::Tensor rows = at::cat(parts);
  std::vector<std::int64_t> row_of(static_cast<std::size_t>(rows.size(0)));
  std::int64_t row = 0;
  for (const auto& group : groups) {
    for (const std::size_t member : group.members) row_of[member] = row++;
  }
  return rows.index_select(0, to_tensor(row_of, rows.device()));
}

}  // namespace tandem::models

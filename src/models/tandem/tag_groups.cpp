#include "models/tandem/tag_groups.h"

#include <algorithm>
#include <numeric>

#include "models/group_by.h"
#include "models/groups.h"

namespace tandem::models {

std::vector<TagGroup> group_by_words(const at::Tensor& text, std::int64_t batch, at::Device device) {
  if (!text.defined() || text.size(1) == 0) {
    std::vector<std::size_t> all(static_cast<std::size_t>(batch));
    std::iota(all.begin(), all.end(), std::size_t{0});
    return {{all, {}}};
  }
  const at::Tensor counts = text.ge(0).sum(1).cpu();
  const std::span<const std::int64_t> lengths(counts.data_ptr<std::int64_t>(),
                                              static_cast<std::size_t>(batch));
  std::vector<TagGroup> groups;
  for (const auto& [length, members] : group_by(lengths, [](std::int64_t one) { return one; })) {
    const at::Tensor rows = to_tensor({members.begin(), members.end()}, text.device());
    const at::Tensor words = text.index_select(0, rows).slice(1, 0, length).to(device);
    groups.push_back({members, length > 0 ? words : at::Tensor()});
  }
  return groups;
}

void set_tokens(std::span<const TagGroup> groups, std::vector<at::Tensor> parts, ImageStates& states) {
  std::int64_t longest = 0;
  for (const at::Tensor& part : parts) longest = std::max(longest, part.size(1));
  std::vector<at::Tensor> counts;
  for (at::Tensor& part : parts) {
    counts.push_back(at::full({part.size(0)}, part.size(1), at::TensorOptions(at::kLong)));
    part = at::constant_pad_nd(part, {0, 0, 0, longest - part.size(1)});
  }
  states.tokens = in_order(groups, parts);
  states.token_counts = in_order(groups, counts);
}

}  // namespace tandem::models

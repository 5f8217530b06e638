#include "models/tandem/tag_groups.h"

#include <algorithm>

#include "models/group_by.h"

namespace tandem::models {
namespace {

at::Tensor to_tensor(const std::vector<std::size_t>& members) {
  return torch::tensor(std::vector<std::int64_t>(members.begin(), members.end()), at::kLong);
}

}  // namespace

std::vector<TagGroup> group_by_words(const at::Tensor& text, std::int64_t batch, std::int64_t pad,
                                     at::Device device) {
  if (!text.defined() || text.size(1) == 0) {
    return {{at::arange(batch, at::TensorOptions(at::kLong).device(device)), {}}};
  }
  const at::Tensor counts = text.ne(pad).sum(1).cpu();
  const std::span<const std::int64_t> lengths(counts.data_ptr<std::int64_t>(),
                                              static_cast<std::size_t>(batch));
  std::vector<TagGroup> groups;
  for (const auto& [length, places] : group_by(lengths, [](std::int64_t one) { return one; })) {
    const at::Tensor members = to_tensor(places).to(device);
    const at::Tensor words = text.to(device).index_select(0, members).slice(1, 0, length);
    groups.push_back({members, length > 0 ? words : at::Tensor()});
  }
  return groups;
}

at::Tensor ungroup(std::span<const TagGroup> groups, const std::vector<at::Tensor>& parts) {
  std::vector<at::Tensor> members;
  for (const TagGroup& group : groups) members.push_back(group.members);
  return at::cat(parts).index_select(0, at::cat(members).argsort());
}

void ungroup_tokens(std::span<const TagGroup> groups, std::vector<at::Tensor> parts, ImageStates& states) {
  std::int64_t longest = 0;
  for (const at::Tensor& part : parts) longest = std::max(longest, part.size(1));
  std::vector<at::Tensor> counts;
  for (at::Tensor& part : parts) {
    counts.push_back(at::full({part.size(0)}, part.size(1), groups.front().members.options()));
    part = at::constant_pad_nd(part, {0, 0, 0, longest - part.size(1)});
  }
  states.tokens = ungroup(groups, parts);
  states.token_counts = ungroup(groups, counts);
}

}  // namespace tandem::models

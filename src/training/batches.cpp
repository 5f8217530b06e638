#include "training/batches.h"

#include <algorithm>
#include <map>

namespace tandem::training {

at::Tensor labels_of(std::span<const Pair> pairs, const at::Device& device) {
  std::vector<std::int64_t> labels;
  for (const Pair& pair : pairs) labels.push_back(static_cast<std::int64_t>(pair.image));
  return torch::tensor(labels, at::kLong).to(device);
}

at::Tensor matches_of(std::span<const LabelledPair> pairs, const at::Device& device) {
  std::vector<float> matches;
  for (const LabelledPair& pair : pairs) matches.push_back(pair.match ? 1.0F : 0.0F);
  return torch::tensor(matches).to(device);
}

Lists lists_of(std::span<const Pair> pairs) {
  Lists lists;
  for (const Pair& pair : pairs) {
    lists.captions.push_back(pair.caption);
    lists.images.push_back(pair.image);
  }
  return lists;
}

Compact compact(std::span<const LabelledPair> labelled) {
  Compact all;
  std::map<std::size_t, std::size_t> caption_places, image_places;
  const auto place = [](auto& places, auto& list, std::size_t item) {
    const auto [found, is_new] = places.try_emplace(item, list.size());
    if (is_new) list.push_back(item);
    return found->second;
  };
  for (const LabelledPair& each : labelled) {
    all.pairs.push_back({place(caption_places, all.captions, each.pair.caption),
                         place(image_places, all.images, each.pair.image)});
  }
  return all;
}

at::Tensor candidates(const at::Tensor& cosines, const at::Tensor& labels, std::int64_t count) {
  const at::Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
  const at::Tensor wrong = cosines.masked_fill(same, -2);
  const at::Tensor nearest = std::get<1>(wrong.topk(std::min(count, cosines.size(1)) - 1));
  const at::Tensor right = at::arange(cosines.size(0), labels.options()).unsqueeze(1);
  return at::cat({right, nearest}, 1);
}

}  // namespace tandem::training

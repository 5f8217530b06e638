#include "training/sampler.h"

#include <algorithm>

#include "training/random.h"

namespace tandem::training {

std::vector<Pair> draw_pairs(const TrainingSet& set, StepKind kind, std::size_t size, std::uint64_t step,
                             std::uint64_t seed) {
  const std::size_t images = set.images().size();
  const std::size_t count = std::min(size, images);
  const std::uint64_t batches = images / count;
  const auto order = random_for(seed, Draw::kOrder, number_of(kind, step / batches)).permutation(images);
  Random random = random_for(seed, Draw::kPairs, number_of(kind, step));
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t image = set.images()[order[(step % batches) * count + i]];
    pairs.push_back({set.draw_caption(image, random), image});
  }
  return pairs;
}

}  // namespace tandem::training

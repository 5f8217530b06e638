#include "training/hubness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "index/clusters.h"
#include "training/embed_all.h"

namespace tandem::training {
namespace {

// A sample is enough for means of dozens; a tower that learns has to read it at each evaluation.
constexpr std::size_t kPictures = 6000;

constexpr float kNoShare = -1e4F;  // the logarithm of a share that counts for nothing, finite in 16 bits too

std::vector<std::size_t> spread(std::span<const std::size_t> images) {
  const std::size_t count = std::min(images.size(), kPictures);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(images[i * images.size() / count]);
  return chosen;
}

std::vector<float> log_shares(std::span<const std::size_t> members, std::size_t pictures) {
  std::vector<float> shares;
  for (const std::size_t count : members) {
    shares.push_back(count == 0 ? kNoShare
                                : std::log(static_cast<float>(count) / static_cast<float>(pictures)));
  }
  return shares;
}

}  // namespace

void set_hubness(TrainedModel& model, const Pictures& pictures, const TrainingSet& set, const Watch& watch) {
  const auto centres = static_cast<std::size_t>(model.network().hubness_centres());
  if (centres == 0) return;
  const Evaluating evaluating(model);
  const std::vector<std::size_t> images = spread(set.images());
  const at::Tensor embeddings =
      encode_all(model, pictures, images, {.embedding = true, .tokens = false}, watch)
          .embeddings.select(1, 0)
          .to(at::kCPU)
          .contiguous();
  const auto width = static_cast<std::size_t>(embeddings.size(1));
  index::Clusters clusters = index::find_clusters({embeddings.data_ptr<float>(), images.size(), width},
                                                  std::min(centres, images.size()));
  // A small set has fewer pictures than the model has centres.
  Matrix all(centres, width);
  std::copy_n(clusters.centres.data(), clusters.centres.size(), all.data());
  clusters.members.resize(centres);
  model.set_hubness(all, log_shares(clusters.members, images.size()));
}

}  // namespace tandem::training

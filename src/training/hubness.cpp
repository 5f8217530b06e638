#include "training/hubness.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/fail.h"
#include "index/clusters.h"
#include "training/embed_all.h"

namespace tandem::training {
namespace {

// More change nothing that could be measured; a tower that learns has to read them at each evaluation.
constexpr std::size_t kPictures = 6000;

std::vector<std::size_t> spread(std::span<const std::size_t> images) {
  const std::size_t count = std::min(images.size(), kPictures);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(images[i * images.size() / count]);
  return chosen;
}

}  // namespace

void set_hubness(TrainedModel& model, const Pictures& pictures, const TrainingSet& set,
                 const std::stop_token& stop) {
  const auto centres = static_cast<std::size_t>(model.network().hubness_centres());
  if (centres == 0) return;
  const std::vector<std::size_t> images = spread(set.images());
  if (images.size() < centres) {
    fail(ErrorCode::kInvalidArgument,
         "hubness: {} centres of {} pictures; give more pictures, or fewer centres", centres, images.size());
  }
  const Evaluating evaluating(model);
  const at::Tensor embeddings =
      encode_all(model, pictures, images, {.embedding = true, .tokens = false}, stop)
          .embeddings.select(1, 0)
          .to(at::kCPU)
          .contiguous();
  const index::Clusters clusters = index::find_clusters(
      {embeddings.data_ptr<float>(), images.size(), static_cast<std::size_t>(embeddings.size(1))}, centres);
  std::vector<float> log_shares;
  for (const std::size_t members : clusters.members) {
    // A share of none would be minus infinity.
    log_shares.push_back(
        std::log(static_cast<float>(std::max<std::size_t>(members, 1)) / static_cast<float>(images.size())));
  }
  model.set_hubness(clusters.centres, log_shares);
}

}  // namespace tandem::training

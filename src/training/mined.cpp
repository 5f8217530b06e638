#include "training/mined.h"

#include <algorithm>
#include <numeric>

#include "nn/layers.h"
#include "training/losses.h"

namespace tandem::training {
namespace {

constexpr std::int64_t kRowsAtOnce = 1024;

// The best `count` of a row of cosines for which `is_wrong`.
template <typename IsWrong>
std::vector<MinedNegative> nearest(const at::Tensor& cosines, std::span<const std::size_t> items,
                                   std::size_t count, IsWrong is_wrong) {
  // Some of the best are right or duplicates: more of them are looked at.
  const auto looked = std::min<std::int64_t>(static_cast<std::int64_t>(3 * count + 20), cosines.size(0));
  const auto [values, places] = cosines.topk(looked);
  std::vector<MinedNegative> found;
  for (std::int64_t i = 0; i < looked && found.size() < count; ++i) {
    const auto place = static_cast<std::size_t>(places.data_ptr<std::int64_t>()[i]);
    if (!is_wrong(place)) continue;
    found.push_back({static_cast<std::int32_t>(items[place]), values.data_ptr<float>()[i]});
  }
  return found;
}

class Miner {
 public:
  Miner(const TrainedModel& model, const Pictures& pictures, const TrainingSet& set,
        const TrainingOptions& options, const Watch& watch)
      : set_(set),
        options_(options.negatives),
        captions_(nn::normalize_rows(
            embed_captions(model, set.captions(), set.used_captions(), watch).cpu().contiguous())),
        images_(nn::normalize_rows(
            encode_all(model, pictures, set.images(), {.embedding = true, .tokens = false}, watch)
                .embeddings.cpu()
                .contiguous())) {
    for (std::size_t i = 0; i < set.images().size(); ++i) place_of_image_[set.images()[i]] = i;
    for (std::size_t i = 0; i < set.used_captions().size(); ++i)
      place_of_caption_[set.used_captions()[i]] = i;
  }

  std::vector<std::vector<MinedNegative>> images_of_captions() const {
    std::vector<std::vector<MinedNegative>> mined(set_.captions().size());
    for_rows(captions_.size(0), [&](std::int64_t first, std::int64_t end) {
      const at::Tensor rows = cosines(captions_.slice(0, first, end), images_);
      for (std::int64_t i = first; i < end; ++i) {
        const std::size_t caption = set_.used_captions()[static_cast<std::size_t>(i)];
        const std::size_t own = place_of_image_.at(set_.image_of(caption));
        mined[caption] = nearest(rows[i - first], set_.images(), options_.mine_from, [&](std::size_t place) {
          return place != own && likeness(images_, place, own) < options_.duplicate;
        });
      }
    });
    return mined;
  }

  std::vector<std::vector<MinedNegative>> captions_of_images() const {
    std::vector<std::vector<MinedNegative>> mined(set_.image_count());
    for_rows(images_.size(0), [&](std::int64_t first, std::int64_t end) {
      const at::Tensor rows = cosines(captions_, images_.slice(0, first, end)).t().contiguous();
      for (std::int64_t i = first; i < end; ++i) {
        const std::size_t image = set_.images()[static_cast<std::size_t>(i)];
        mined[image] = nearest(rows[i - first], set_.used_captions(), options_.mine_from,
                               [&](std::size_t place) { return is_wrong_caption(place, image); });
      }
    });
    return mined;
  }

 private:
  template <typename Body>
  static void for_rows(std::int64_t rows, Body body) {
    const at::NoGradGuard no_grad;
    for (std::int64_t first = 0; first < rows; first += kRowsAtOnce) {
      body(first, std::min(first + kRowsAtOnce, rows));
    }
  }

  // The cosine of two items, by the first embedding of each.
  static float likeness(const at::Tensor& embeddings, std::size_t a, std::size_t b) {
    const auto stride = static_cast<std::size_t>(embeddings.stride(0));
    const float* rows = embeddings.data_ptr<float>();
    return std::inner_product(rows + a * stride, rows + a * stride + embeddings.size(-1), rows + b * stride,
                              0.0F);
  }

  bool is_wrong_caption(std::size_t place, std::size_t image) const {
    if (set_.image_of(set_.used_captions()[place]) == image) return false;
    return std::ranges::all_of(set_.captions_of(image), [&](std::size_t right) {
      return likeness(captions_, place, place_of_caption_.at(right)) < options_.duplicate;
    });
  }

  const TrainingSet& set_;
  const NegativeOptions& options_;
  at::Tensor captions_;  // used captions × width, of length 1
  at::Tensor images_;    // pictures × embeddings each × width, of length 1
  std::map<std::size_t, std::size_t> place_of_image_;
  std::map<std::size_t, std::size_t> place_of_caption_;
};

}  // namespace

MinedNegatives mine_negatives(const TrainedModel& model, const Pictures& pictures, const TrainingSet& set,
                              const TrainingOptions& options, const Watch& watch) {
  const Miner miner(model, pictures, set, options, watch);
  watch.observer.on_progress("searching for hard negatives", 0, 1);
  return {miner.images_of_captions(), miner.captions_of_images()};
}

}  // namespace tandem::training

#include "training/negatives.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tandem::training {
namespace {

// By the softmax of the cosines, as the paper draws. `found` has at least one.
std::size_t draw_mined(std::span<const MinedNegative> found, Random& random) {
  std::vector<double> weights;
  for (const MinedNegative& negative : found) weights.push_back(std::exp(negative.cosine));
  return static_cast<std::size_t>(found[random.pick(weights)].item);
}

class NegativeDraw {
 public:
  NegativeDraw(std::span<const Pair> pairs, const TrainingSet& set, const NegativeSources& sources,
               const TrainingOptions& options, std::size_t round, std::uint64_t step)
      : pairs_(pairs),
        set_(set),
        sources_(sources),
        options_(options),
        random_(random_for(options.seed, Draw::kNegatives, step)) {
    const NegativeOptions& negatives = options.negatives;
    const double grown =
        round >= negatives.ramp ? 1 : static_cast<double>(round) / static_cast<double>(negatives.ramp);
    in_batch_ = sources.cosines.defined() ? negatives.in_batch * grown : 0;
    mined_ = sources.mined.empty() ? 0 : negatives.mined * grown;
  }

  // A wrong pair that has the caption or the picture of pair `place`.
  Pair draw(std::size_t place) {
    const bool other_image = random_.below(2) == 0;
    const double kind = random_.uniform(0, 1);
    std::optional<Pair> found;
    if (kind < mined_) {
      found = mined(pairs_[place], other_image);
    } else if (kind < mined_ + in_batch_) {
      found = in_batch(place, other_image);
    }
    return found ? *found : anywhere(pairs_[place], other_image);
  }

 private:
  Pair anywhere(const Pair& pair, bool other_image) {
    if (other_image) {
      std::size_t image = pair.image;
      while (image == pair.image) image = set_.images()[random_.below(set_.images().size())];
      return {pair.caption, image};
    }
    std::size_t caption = pair.caption;
    while (set_.image_of(caption) == pair.image) {
      caption = set_.used_captions()[random_.below(set_.used_captions().size())];
    }
    return {caption, pair.image};
  }

  std::optional<Pair> mined(const Pair& pair, bool other_image) {
    const auto& found = other_image ? sources_.mined.images_of_caption[pair.caption]
                                    : sources_.mined.captions_of_image[pair.image];
    if (found.empty()) return std::nullopt;
    const std::size_t item = draw_mined(found, random_);
    return other_image ? Pair{pair.caption, item} : Pair{item, pair.image};
  }

  std::optional<Pair> in_batch(std::size_t place, bool other_image) {
    const at::Tensor& all = sources_.cosines;
    const auto row = static_cast<std::int64_t>(place);
    const at::Tensor cosines = (other_image ? all[row] : all.select(1, row)).contiguous();
    const float* values = cosines.data_ptr<float>();
    std::vector<double> weights(pairs_.size());
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const bool wrong = pairs_[i].image != pairs_[place].image;
      if (wrong) weights[i] = std::exp(options_.scale * (values[i] - 1));
    }
    if (std::ranges::none_of(weights, [](double weight) { return weight > 0; })) return std::nullopt;
    const Pair& other = pairs_[random_.pick(weights)];
    return other_image ? Pair{pairs_[place].caption, other.image} : Pair{other.caption, pairs_[place].image};
  }

  std::span<const Pair> pairs_;
  const TrainingSet& set_;
  const NegativeSources& sources_;
  const TrainingOptions& options_;
  Random random_;
  double in_batch_ = 0;
  double mined_ = 0;
};

}  // namespace

std::vector<LabelledPair> with_negatives(std::span<const Pair> pairs, const TrainingSet& set,
                                         const NegativeSources& sources, const TrainingOptions& options,
                                         std::size_t round, std::uint64_t step) {
  NegativeDraw negatives(pairs, set, sources, options, round, step);
  std::vector<LabelledPair> labelled;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    labelled.push_back({pairs[i], true});
    for (std::size_t n = 0; n < options.negatives.each; ++n) labelled.push_back({negatives.draw(i), false});
  }
  return labelled;
}

void add_mined(std::vector<Pair>& pairs, std::size_t each, const MinedNegatives& mined, Random random) {
  const std::vector<Pair> right = pairs;
  for (std::size_t n = 0; n < each; ++n) {
    for (const Pair& pair : right) {
      const auto& captions = mined.captions_of_image[pair.image];
      const auto& images = mined.images_of_caption[pair.caption];
      // A picture of which nothing is wrong gives no loss: the pair itself is at its margin only.
      pairs.push_back({captions.empty() ? pair.caption : draw_mined(captions, random),
                       images.empty() ? pair.image : draw_mined(images, random)});
    }
  }
}

bool draws_in_batch(const TrainingOptions& options) { return options.negatives.in_batch > 0; }
bool draws_mined(const TrainingOptions& options) { return options.negatives.mined > 0; }

}  // namespace tandem::training

#include "training/training_set.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "text/sides.h"

namespace tandem::training {

bool is_in(const DatasetCaption& caption, const std::vector<std::string>& languages) {
  return languages.empty() || std::ranges::find(languages, caption.text.language) != languages.end();
}

TrainingSet::TrainingSet(const Dataset& dataset, const std::vector<std::string>& languages,
                         const Tokenizer& tokenizer, const Pictures& pictures, double language_exponent)
    : dataset_(dataset),
      language_exponent_(language_exponent),
      captions_(dataset.captions.size()),
      of_image_(dataset.images.size()) {
  for (std::size_t i = 0; i < dataset.captions.size(); ++i) {
    const DatasetCaption& caption = dataset.captions[i];
    if (!is_in(caption, languages) || !pictures.is_readable(caption.image)) continue;
    captions_[i] = tokenizer.encode(caption.text.text);
    used_.push_back(i);
    of_image_[caption.image].push_back(i);
  }
  for (std::size_t image = 0; image < of_image_.size(); ++image) {
    if (of_image_[image].empty()) continue;
    images_.push_back(image);
    std::ranges::stable_sort(of_image_[image], {}, [&](std::size_t caption) -> const std::string& {
      return dataset.captions[caption].text.language;
    });
  }
  if (images_.size() < 2) {
    fail(ErrorCode::kInvalidArgument,
         "{} pictures to train on have a caption in the languages; at least 2 are needed", images_.size());
  }
}

std::size_t TrainingSet::draw_caption(std::size_t image, Random& random) const {
  const std::vector<std::size_t>& captions = of_image_[image];
  const auto language = [&](std::size_t caption) -> const std::string& {
    return dataset_.captions[caption].text.language;
  };
  std::vector<std::span<const std::size_t>> languages;
  std::vector<double> weights;
  for (auto first = captions.begin(); first != captions.end();) {
    const auto end = std::find_if(first, captions.end(),
                                  [&](std::size_t caption) { return language(caption) != language(*first); });
    languages.emplace_back(first, end);
    weights.push_back(std::pow(end - first, language_exponent_));
    first = end;
  }
  const std::span<const std::size_t> drawn = languages[random.pick(weights)];
  return drawn[random.below(drawn.size())];
}

MayFlip may_flip(const Dataset& dataset) {
  MayFlip may(dataset.images.size(), true);
  for (const DatasetCaption& caption : dataset.captions) {
    if (text::mentions_sides(caption.text.text, caption.text.language)) may[caption.image] = false;
  }
  return may;
}

}  // namespace tandem::training

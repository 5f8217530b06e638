#include "evaluation/pair_scores.h"

#include <algorithm>

namespace tandem::evaluation {

std::uint64_t PairScores::settle() {
  std::uint64_t pairs = 0;
  for (auto& images : wanted_) {
    std::ranges::sort(images, {}, &Wanted::image);
    images.erase(std::ranges::unique(images, {}, &Wanted::image).begin(), images.end());
    images.shrink_to_fit();
    pairs += images.size();
  }
  return pairs;
}

std::uint64_t PairScores::compute(const Dataset& dataset, const std::vector<ImageId>& ids,
                                  const CrossEncoder& encoder, const retrieval::TokenSource& source,
                                  const std::stop_token& stop,
                                  const std::function<void(std::uint64_t, std::uint64_t)>& on_progress) {
  const std::uint64_t total = settle();
  std::vector<bool> is_wanted(ids.size());
  for (const auto& images : wanted_) {
    for (const Wanted& wanted : images) is_wanted[wanted.image] = true;
  }
  std::vector<std::uint32_t> images;
  for (std::uint32_t image = 0; image < ids.size(); ++image) {
    if (is_wanted[image]) images.push_back(image);
  }

  logits_.assign(wanted_.size(), {});
  std::uint64_t done = 0;
  for (std::size_t first = 0; first < images.size(); first += source.block()) {
    const auto block = std::span(images).subspan(first, std::min(source.block(), images.size() - first));
    std::vector<ImageId> in_gallery;
    for (const std::uint32_t image : block) in_gallery.push_back(ids[image]);
    const std::vector<Matrix> tokens = source.load(in_gallery, stop);
    for (std::size_t caption = 0; caption < wanted_.size(); ++caption) {
      const auto& wanted = wanted_[caption];
      auto& logits = logits_[caption];
      std::vector<MatrixView> views;
      for (std::size_t i = logits.size(); i < wanted.size() && wanted[i].image <= block.back(); ++i) {
        const auto place = std::ranges::lower_bound(block, wanted[i].image) - block.begin();
        views.push_back(tokens[static_cast<std::size_t>(place)]);
      }
      if (views.empty()) continue;
      const std::vector<float> scores = encoder.score(dataset.captions[caption].text, views, stop);
      logits.insert(logits.end(), scores.begin(), scores.end());
      done += scores.size();
      if (on_progress) on_progress(done, total);
    }
  }
  return total;
}

float PairScores::logit(std::size_t caption, std::uint32_t image) const {
  const auto& images = wanted_[caption];
  const auto place = std::ranges::lower_bound(images, image, {}, &Wanted::image) - images.begin();
  return logits_[caption][static_cast<std::size_t>(place)];
}

MatchedPairs PairScores::matched(const Dataset& dataset) const {
  MatchedPairs pairs;
  for (std::size_t caption = 0; caption < wanted_.size(); ++caption) {
    for (const auto& [image, similarity] : wanted_[caption]) {
      pairs.matches.push_back(dataset.captions[caption].image == image ? 1 : 0);
      pairs.similarities.push_back(similarity);
    }
    pairs.logits.insert(pairs.logits.end(), logits_[caption].begin(), logits_[caption].end());
  }
  return pairs;
}

}  // namespace tandem::evaluation

// The match logits of pairs of caption and picture, each pair once.
//
// For one thread while it is filled, then immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

#include "retrieval/token_source.h"
#include "tandem/calibration.h"
#include "tandem/datasets.h"
#include "tandem/encoders.h"

namespace tandem::evaluation {

class PairScores {
 public:
  explicit PairScores(std::size_t captions) : wanted_(captions) {}

  // Numbers are places in the dataset. A pair may be asked for any number of times.
  void want(std::size_t caption, std::uint32_t image, float similarity) {
    wanted_[caption].push_back({image, similarity});
  }

  // Matches what is wanted. `ids[i]`: picture i in the gallery. The tokens of each picture are loaded once; a
  // caption is matched with all of its pictures whose tokens are in memory together. Returns how many pairs
  // there are, each counted once.
  std::uint64_t compute(const Dataset& dataset, const std::vector<ImageId>& ids, const CrossEncoder& encoder,
                        const retrieval::TokenSource& tokens, const std::stop_token& stop,
                        const std::function<void(std::uint64_t, std::uint64_t)>& on_progress);

  // The logit of a pair that was computed.
  float logit(std::size_t caption, std::uint32_t image) const;

  // All pairs, each once, by caption and picture; those match that the dataset has together.
  MatchedPairs matched(const Dataset& dataset) const;

 private:
  struct Wanted {
    std::uint32_t image = 0;
    float similarity = 0;
  };
  std::uint64_t settle();

  std::vector<std::vector<Wanted>> wanted_;  // of each caption; settled: ascending
  std::vector<std::vector<float>> logits_;   // of the same
};

}  // namespace tandem::evaluation

#include <algorithm>
#include <cmath>

#include "core/fail.h"
#include "tandem/calibration.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

void require_probabilities(std::span<const float> probabilities, std::span<const std::uint8_t> matches,
                           std::size_t bins) {
  if (bins == 0) fail(ErrorCode::kInvalidArgument, "reliability: no bins; 15 are usual");
  if (probabilities.empty() || probabilities.size() != matches.size()) {
    fail(ErrorCode::kInvalidArgument,
         "reliability: {} probabilities and {} matches; one for each, of at least one pair, are wanted",
         probabilities.size(), matches.size());
  }
  const auto bad = std::ranges::find_if(probabilities, [](float p) { return !(p >= 0 && p <= 1); });
  if (bad == probabilities.end()) return;
  fail(ErrorCode::kInvalidArgument, "reliability: probability {} of {} is {}; 0 to 1 is wanted",
       bad - probabilities.begin() + 1, probabilities.size(), *bad);
}

}  // namespace

Reliability measure_reliability(std::span<const float> probabilities, std::span<const std::uint8_t> matches,
                                std::size_t bins) {
  require_probabilities(probabilities, matches, bins);
  Reliability reliability{std::vector<ReliabilityBin>(bins), 0};
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double place = std::ceil(static_cast<double>(probabilities[i]) * static_cast<double>(bins));
    ReliabilityBin& bin = reliability.bins[static_cast<std::size_t>(std::max(place, 1.0)) - 1];
    ++bin.pairs;
    bin.confidence += probabilities[i];
    bin.accuracy += matches[i] != 0 ? 1 : 0;
  }
  for (ReliabilityBin& bin : reliability.bins) {
    if (bin.pairs == 0) continue;
    const auto pairs = static_cast<double>(bin.pairs);
    reliability.error += std::abs(bin.accuracy - bin.confidence) / static_cast<double>(probabilities.size());
    bin.confidence /= pairs;
    bin.accuracy /= pairs;
  }
  return reliability;
}

Reliability measure_reliability(const MatchedPairs& pairs, const Calibration& calibration, std::size_t bins) {
  std::vector<float> probabilities;
  probabilities.reserve(pairs.logits.size());
  for (std::size_t i = 0; i < pairs.logits.size(); ++i) {
    const float logit = pairs.logits[i];
    probabilities.push_back(pairs.similarities.empty()
                                ? match_probability(logit, calibration)
                                : match_probability(logit, pairs.similarities[i], calibration));
  }
  return measure_reliability(probabilities, pairs.matches, bins);
}

}  // namespace tandem

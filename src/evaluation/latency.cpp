#include "evaluation/latency.h"

#include <algorithm>

#include "encoders/checks.h"

namespace tandem::evaluation {
namespace {

// Where only the first stage is of interest.
constexpr std::size_t kShortlist = 50;

}  // namespace

Latency latency_of(std::vector<std::int64_t> nanoseconds) {
  std::ranges::sort(nanoseconds);
  const auto at = [&](std::size_t percent) {
    // The nearest rank: the smallest time that so many do not exceed.
    const std::size_t rank = (nanoseconds.size() * percent + 99) / 100;
    return static_cast<double>(nanoseconds[std::max<std::size_t>(rank, 1) - 1]) / 1e6;
  };
  return {at(50), at(95)};
}

Latencies measure_latency(const Gallery& gallery, const BiEncoder& encoder, const std::vector<Text>& texts,
                          const SecondStage* second, const std::stop_token& stop, const Clock& clock) {
  Latencies latencies;
  if (texts.empty()) return latencies;
  const std::size_t longest = second != nullptr ? std::ranges::max(second->shortlists) : kShortlist;
  std::vector<std::int64_t> first_stage;
  std::map<std::size_t, std::vector<std::int64_t>> second_stage;
  for (const Text& text : texts) {
    encoders::check_stop(stop);
    const std::int64_t begin = clock.monotonic_ns();
    const auto hits = gallery.nearest_images(encoder.embed_texts({&text, 1}, stop), longest).front();
    first_stage.push_back(clock.monotonic_ns() - begin);
    if (second == nullptr) continue;
    for (const std::size_t length : second->shortlists) {
      std::vector<ImageId> ids;
      for (std::size_t i = 0; i < std::min(length, hits.size()); ++i) ids.push_back(hits[i].id);
      const std::int64_t start = clock.monotonic_ns();
      const std::vector<Matrix> tokens = second->tokens.load(ids, stop);
      second->encoder.score(text, std::vector<MatrixView>(tokens.begin(), tokens.end()), stop);
      second_stage[length].push_back(clock.monotonic_ns() - start);
    }
  }
  latencies.shortlist = latency_of(std::move(first_stage));
  for (auto& [length, times] : second_stage) latencies.rerank[length] = latency_of(std::move(times));
  return latencies;
}

}  // namespace tandem::evaluation

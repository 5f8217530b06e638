// How long one query takes.
//
// For one thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/clock.h"
#include "retrieval/token_source.h"
#include "tandem/encoders.h"
#include "tandem/evaluation.h"

namespace tandem::evaluation {

struct Latencies {
  std::optional<Latency> shortlist;
  std::map<std::size_t, Latency> rerank;  // by length of the shortlist
};

// A second stage to measure too, or none.
struct SecondStage {
  const CrossEncoder& encoder;
  const retrieval::TokenSource& tokens;
  std::vector<std::size_t> shortlists;
};

// One text after the other, as a search takes them.
Latencies measure_latency(const Gallery& gallery, const BiEncoder& encoder, const std::vector<Text>& texts,
                          const SecondStage* second, const std::stop_token& stop,
                          const Clock& clock = Clock::system());

// Of times in nanoseconds, at least one: the median, and the time that 95 of 100 do not exceed.
Latency latency_of(std::vector<std::int64_t> nanoseconds);

}  // namespace tandem::evaluation

// Random numbers that depend on what they are for and not on what was drawn before.
//
// Each use has a stream of its own, named by a seed and two numbers, so that a training that goes on after a
// stop draws what it would have drawn: there is no generator whose state would have to be kept.
#pragma once

#include <cstdint>

#include "core/random.h"

namespace tandem::training {

// What a stream of numbers is for.
enum class Draw : std::uint64_t { kHeads, kOrder, kPairs, kNegatives, kViews, kTags, kDropout, kMined };

// SplitMix64 (Steele, Lea & Flood, 2014): neighbours become strangers.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

inline Random random_for(std::uint64_t seed, Draw purpose, std::uint64_t index) {
  return Random(mix(mix(seed + static_cast<std::uint64_t>(purpose)) + index));
}

}  // namespace tandem::training

// Which index a gallery has that leaves it to the library, and how far it looks.
//
// Free functions.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tandem/index.h"

namespace tandem::index {

// In the place of an index string: spec_for() says what it is each time that an index is built.
inline constexpr const char* kAutomatic = "auto";

// Up to so many rows an exact scan takes some ten milliseconds.
inline constexpr std::size_t kMaxExactRows = 100'000;

// The index string for so many rows: "exact" for at most `max_exact`, above them inverted lists.
std::string spec_for(std::size_t rows, std::size_t max_exact = kMaxExactRows);

// The share of the hits in `wanted` whose ids are in the list of `found` at the same place; 1 of no hits.
double recall_of(std::span<const std::vector<ScoredId>> found, std::span<const std::vector<ScoredId>> wanted);

// Has searches of `index` look at more and more of its rows until `measure`, which returns a recall, says
// `wanted`. Returns what it said last: less only of an index that always looks at as much.
double look_far_enough(VectorIndex& index, double wanted, const std::function<double()>& measure);

}  // namespace tandem::index

// The best of the hits that it was offered, by the order of sort_best_first().
//
// For one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "tandem/index.h"

namespace tandem::index {

class BestHits {
 public:
  // Keeps `k`. Takes all the memory that it will need, so that offering throws nothing.
  explicit BestHits(std::size_t k) : k_(k), room_(std::max<std::size_t>(2 * k, 64)) { hits_.reserve(room_); }

  // No hit with a score below this one is among the best: it need not be offered.
  float least_score() const { return least_score_; }

  void offer(const ScoredId& hit) {
    hits_.push_back(hit);
    // Twice the room, so that a sort is paid once for many hits.
    if (hits_.size() == room_) sort();
  }

  // At most k, best first. Leaves this object empty.
  std::vector<ScoredId> take() {
    sort();
    return std::move(hits_);
  }

 private:
  void sort() {
    sort_best_first(hits_, k_);
    if (!hits_.empty() && hits_.size() == k_) least_score_ = hits_.back().score;
  }

  std::size_t k_;
  std::size_t room_;
  std::vector<ScoredId> hits_;
  float least_score_ = -std::numeric_limits<float>::infinity();
};

}  // namespace tandem::index

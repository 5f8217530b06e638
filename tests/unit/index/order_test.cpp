#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tandem/index.h"

namespace tandem {
namespace {

// Few different scores, so that ties are common.
std::vector<ScoredId> random_hits(std::size_t count, std::mt19937& random) {
  std::vector<ScoredId> hits(count);
  for (std::size_t i = 0; i < count; ++i) {
    hits[i] = {static_cast<std::int64_t>(i), static_cast<float>(random() % 5) - 2.0F};
  }
  std::shuffle(hits.begin(), hits.end(), random);
  return hits;
}

TEST(SortBestFirst, OrdersByScoreThenIdAndKeepsTheBestWhateverTheInput) {
  std::mt19937 random(1);
  for (const std::size_t count : {0, 1, 2, 17, 33, 500}) {
    for (int round = 0; round < 50; ++round) {
      const auto hits = random_hits(count, random);
      const std::size_t k = random() % (count + 3);
      auto sorted = hits;
      sort_best_first(sorted, k);
      ASSERT_EQ(sorted.size(), std::min(k, count));
      for (std::size_t i = 1; i < sorted.size(); ++i) {
        ASSERT_TRUE(sorted[i - 1].score > sorted[i].score ||
                    (sorted[i - 1].score == sorted[i].score && sorted[i - 1].id < sorted[i].id));
      }
      for (const auto& hit : hits) {
        if (std::find(sorted.begin(), sorted.end(), hit) != sorted.end() || sorted.empty()) continue;
        ASSERT_TRUE(hit.score < sorted.back().score ||
                    (hit.score == sorted.back().score && hit.id > sorted.back().id))
            << "a better one was dropped";
      }
    }
  }
}

TEST(SortBestFirst, PutsWhatIsNotANumberLast) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<ScoredId> hits = {{4, nan}, {1, -1.0F}, {3, nan}, {2, 5.0F}};
  sort_best_first(hits, 4);
  EXPECT_EQ(hits[0].id, 2);
  EXPECT_EQ(hits[1].id, 1);
  EXPECT_EQ(hits[2].id, 3);
  EXPECT_EQ(hits[3].id, 4);
}

}  // namespace
}  // namespace tandem

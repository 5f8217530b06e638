#include "index/clusters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "support/expect_error.h"

namespace tandem::index {
namespace {

Matrix random_points(std::size_t count) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> values(-1, 1);
  Matrix points(count, 2);
  for (float& value : std::span(points.data(), points.size())) value = values(random);
  return points;
}

std::size_t nearest(const Matrix& centres, std::span<const float> row) {
  const auto distance = [&](std::size_t i) {
    return std::hypot(centres.row(i)[0] - row[0], centres.row(i)[1] - row[1]);
  };
  std::size_t best = 0;
  for (std::size_t i = 1; i < centres.rows(); ++i) best = distance(i) < distance(best) ? i : best;
  return best;
}

TEST(Clusters, AreMeansOfTheRowsThatAreNearest) {
  const Matrix rows = random_points(60);
  const Clusters clusters = find_clusters(rows, 4);
  Matrix sums(4, 2);
  std::vector<std::size_t> members(4);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const std::size_t centre = nearest(clusters.centres, rows.row(i));
    ++members[centre];
    for (std::size_t j = 0; j < 2; ++j) sums.row(centre)[j] += rows.row(i)[j];
  }
  EXPECT_EQ(clusters.members, members);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      EXPECT_NEAR(clusters.centres.row(i)[j], sums.row(i)[j] / static_cast<float>(members[i]), 1e-5F);
    }
  }
}

TEST(Clusters, AreTheSameForTheSameRows) {
  const Matrix rows = random_points(90);
  const Clusters one = find_clusters(rows, 8), other = find_clusters(rows, 8);
  EXPECT_EQ(one.members, other.members);
  EXPECT_TRUE(std::ranges::equal(std::span(one.centres.data(), 16), std::span(other.centres.data(), 16)));
}

TEST(Clusters, MayBeAsManyAsRows) {
  const Clusters clusters = find_clusters(random_points(6), 6);
  EXPECT_EQ(clusters.members, std::vector<std::size_t>(6, 1));
  expect_error(ErrorCode::kBackend, {"7 clusters of 6 vectors"}, [] { find_clusters(random_points(6), 7); });
}

}  // namespace
}  // namespace tandem::index

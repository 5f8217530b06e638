#include "gallery/token_merging.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/vectors.h"

namespace tandem::gallery {
namespace {

Matrix rows_of(std::initializer_list<std::initializer_list<float>> rows) {
  Matrix matrix(rows.size(), rows.begin()->size());
  std::size_t i = 0;
  for (const auto& row : rows) std::copy(row.begin(), row.end(), matrix.row(i++).begin());
  return matrix;
}

void expect_same(const Matrix& found, MatrixView wanted) {
  ASSERT_EQ(found.rows(), wanted.rows());
  ASSERT_EQ(found.columns(), wanted.columns());
  EXPECT_TRUE(std::equal(found.data(), found.data() + found.size(), wanted.data()));
}

TEST(TokenMerging, IdenticalTokensMergeFirstAndStayWhatTheyAre) {
  Matrix tokens = random_vectors(8, 9, 1);
  for (float& value : tokens.row(5)) value *= 3.7F;
  std::ranges::copy(tokens.row(5), tokens.row(0).begin());
  expect_same(merge_tokens(tokens, 7, 0, 0), tokens.view().rows(1, 7));
}

TEST(TokenMerging, TheMostSimilarPairsMergeAndTheRestKeepsItsOrder) {
  const Matrix tokens = rows_of({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0.1F, 1}, {-1, 0, 0}, {0.9F, 0.9F, 0}});
  expect_same(merge_tokens(tokens, 5, 0, 0),
              rows_of({{1, 0, 0}, {0, 1, 0}, {0, 0.05F, 1}, {-1, 0, 0}, {0.9F, 0.9F, 0}}));
}

TEST(TokenMerging, ThreeMergedTokensAreTheMeanOfThree) {
  const Matrix in_one_round = rows_of({{3, 0}, {3, 1}, {3, 2}, {-5, 0}});
  expect_same(merge_tokens(in_one_round, 2, 0, 0), rows_of({{3, 1}, {-5, 0}}));
  // The first round makes one of places 0 and 1, the second adds the third.
  const Matrix in_two_rounds = rows_of({{3, 0}, {3, 0}, {3, 3}});
  expect_same(merge_tokens(in_two_rounds, 1, 0, 0), rows_of({{3, 1}}));
}

TEST(TokenMerging, AllMergedIntoOneAreTheMeanOfAllInEverySize) {
  for (const std::size_t rows : {2, 3, 17, 33}) {
    const Matrix tokens = random_vectors(rows, 5, 3);
    const Matrix merged = merge_tokens(tokens, 1, 0, 0);
    ASSERT_EQ(merged.rows(), 1u);
    for (std::size_t j = 0; j < 5; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < rows; ++i) sum += tokens.row(i)[j];
      EXPECT_NEAR(merged.row(0)[j], sum / static_cast<double>(rows), 1e-6) << rows;
    }
  }
}

TEST(TokenMerging, TheCountIsKeptAndWholeTokensStayToTheLastBit) {
  const Matrix tokens = random_vectors(33, 9, 2);
  for (const std::size_t first : {0, 1, 2}) {
    for (const std::size_t last : {0, 1, 3}) {
      for (std::size_t count = first + last + 1; count < 33; ++count) {
        const Matrix merged = merge_tokens(tokens, count, first, last);
        ASSERT_EQ(merged.rows(), count);
        for (std::size_t i = 0; i < first; ++i) EXPECT_TRUE(std::ranges::equal(merged.row(i), tokens.row(i)));
        for (std::size_t i = 1; i <= last; ++i) {
          EXPECT_TRUE(std::ranges::equal(merged.row(count - i), tokens.row(33 - i)));
        }
      }
    }
  }
}

TEST(TokenMerging, FewTokensStayAsTheyAre) {
  const Matrix tokens = random_vectors(5, 9, 4);
  expect_same(merge_tokens(tokens, 5, 1, 1), tokens);
  expect_same(merge_tokens(tokens, 64, 1, 1), tokens);
  EXPECT_EQ(merge_tokens(Matrix(), 4, 1, 1).rows(), 0u);
}

TEST(TokenMerging, TiesGoToTheLowerPlace) {
  const Matrix tokens = rows_of({{1, 0}, {2, 0}, {4, 0}, {8, 0}});
  expect_same(merge_tokens(tokens, 3, 0, 0), rows_of({{1.5F, 0}, {4, 0}, {8, 0}}));
}

TEST(TokenMerging, TokensOfZerosAreLikeNone) {
  Matrix tokens = random_vectors(6, 9, 5);
  std::ranges::fill(tokens.row(0), 0.0F);
  std::ranges::copy(tokens.row(3), tokens.row(2).begin());
  const Matrix merged = merge_tokens(tokens, 5, 0, 0);
  EXPECT_TRUE(std::ranges::equal(merged.row(0), tokens.row(0)));
  const Matrix zeros = merge_tokens(Matrix(17, 9), 4, 1, 0);
  expect_same(zeros, Matrix(4, 9));
}

TEST(TokenMerging, WhatIsNotFiniteIsNotHidden) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Matrix tokens = random_vectors(33, 9, 6);
    tokens.row(20)[3] = value;
    const Matrix merged = merge_tokens(tokens, 4, 1, 1);
    EXPECT_FALSE(std::all_of(merged.data(), merged.data() + merged.size(),
                             [](float one) { return std::isfinite(one); }));
  }
}

TEST(TokenMerging, TheSameTokensBecomeTheSame) {
  const Matrix tokens = clustered_vectors(577, 33, 5, 7);
  expect_same(merge_tokens(tokens, 64, 1, 1), merge_tokens(Matrix(tokens), 64, 1, 1));
}

}  // namespace
}  // namespace tandem::gallery

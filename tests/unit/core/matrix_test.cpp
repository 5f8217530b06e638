#include "tandem/matrix.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Matrix, StartsAtZeroAndGivesRows) {
  Matrix matrix(2, 3);
  EXPECT_EQ(matrix.row(1)[2], 0.0f);
  matrix.row(1)[2] = 5;
  EXPECT_EQ(matrix.data()[5], 5.0f);
}

TEST(MatrixView, LooksAtSomeRowsOfAnother) {
  Matrix matrix(3, 2);
  matrix.row(2)[0] = 7;
  const MatrixView view = matrix.view().rows(1, 2);
  EXPECT_EQ(view.rows(), 2u);
  EXPECT_EQ(view.row(1)[0], 7.0f);
  EXPECT_TRUE(matrix.view().rows(3, 0).empty());
}

}  // namespace
}  // namespace tandem

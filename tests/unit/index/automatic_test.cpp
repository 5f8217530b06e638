#include "index/automatic.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace tandem::index {
namespace {

TEST(Automatic, IsExactWhileThatTakesNoTimeAndInvertedListsAbove) {
  EXPECT_EQ(automatic_spec(0), "exact");
  EXPECT_EQ(automatic_spec(100'000), "exact");
  EXPECT_EQ(automatic_spec(100'001), "IVF1264,SQ8");
  EXPECT_EQ(automatic_spec(1'000'000), "IVF4000,SQ8");
  EXPECT_EQ(spec_for(2500, 2499), "IVF200,SQ8");
}

TEST(Automatic, RecallIsTheShareOfTheWantedHitsThatWereFound) {
  const std::vector<std::vector<ScoredId>> wanted = {{{1, 0.9F}, {2, 0.8F}}, {{3, 0.9F}, {4, 0.8F}}};
  const std::vector<std::vector<ScoredId>> found = {{{2, 0.7F}, {3, 0.7F}}, {{3, 0.9F}}};
  EXPECT_EQ(recall_of(wanted, wanted), 1);
  EXPECT_EQ(recall_of(found, wanted), 0.5);
  EXPECT_EQ(recall_of({}, {}), 1);
}

class LookFarEnough : public ::testing::Test {
 protected:
  // What look_far_enough() says of an index of `vectors`, how often it measured, and how far it looks then.
  void look(const Matrix& vectors, const char* spec) {
    const Matrix queries = random_vectors(50, kDimension, 2);
    const auto exact = make_index("exact", kDimension);
    const auto index = make_index(spec, kDimension);
    exact->add(vectors, ids_from(0, vectors.rows()));
    index->add(vectors, ids_from(0, vectors.rows()));
    const auto wanted = exact->search(queries, 20);
    measured_ = 0;
    recall_ = look_far_enough(*index, 0.99, [&] {
      ++measured_;
      return recall_of(index->search(queries, 20), wanted);
    });
    EXPECT_EQ(recall_of(index->search(queries, 20), wanted), recall_) << "it stays as it was measured";
    hits_ = index->search(queries, vectors.rows())[0].size();
  }

  static constexpr std::size_t kDimension = 16;
  double recall_ = 0;
  int measured_ = 0;
  std::size_t hits_ = 0;
};

TEST_F(LookFarEnough, LooksAtSomeListsWhereVectorsLieTogetherAndAtMostWhereTheyDoNot) {
  look(clustered_vectors(3000, kDimension, 20, 1), "IVF64,Flat");
  EXPECT_GE(recall_, 0.99);
  EXPECT_LT(hits_, 2900u);
  const std::size_t together = hits_;
  look(random_vectors(3000, kDimension, 1), "IVF64,Flat");
  EXPECT_GE(recall_, 0.99) << "at last all lists are looked at";
  EXPECT_GE(hits_, together);
}

TEST_F(LookFarEnough, MeasuresOnceWhereNothingCanBeChanged) {
  look(random_vectors(500, kDimension, 1), "HNSW8");
  EXPECT_EQ(measured_, 1);
  look(random_vectors(500, kDimension, 1), "exact");
  EXPECT_EQ(measured_, 1);
  EXPECT_EQ(recall_, 1);
}

}  // namespace
}  // namespace tandem::index

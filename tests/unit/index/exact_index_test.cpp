#include "index/exact_index.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <limits>

#include "index/exact_scan.h"
#include "support/error_code_of.h"
#include "support/vectors.h"

namespace tandem::index {
namespace {

// The best k by a double-precision sum, written as simply as can be.
std::vector<ScoredId> plain_best(const Matrix& vectors, std::span<const std::int64_t> ids,
                                 std::span<const float> query, std::size_t k) {
  std::vector<ScoredId> hits;
  for (std::size_t i = 0; i < vectors.rows(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < query.size(); ++j) sum += double{vectors.row(i)[j]} * query[j];
    hits.push_back({ids[i], static_cast<float>(sum)});
  }
  sort_best_first(hits, k);
  return hits;
}

void expect_plain_best(std::size_t rows, std::size_t columns) {
  const Matrix vectors = random_vectors(rows, columns, 3);
  const auto ids = ids_from(100, rows);
  const auto index = make_index("exact", columns);
  index->add(vectors, ids);
  EXPECT_EQ(index->size(), rows);
  const Matrix queries = random_vectors(3, columns, 4);
  for (const std::size_t k : {1, 2, 17, 40}) {
    const auto found = index->search(queries, k);
    ASSERT_EQ(found.size(), 3u);
    for (std::size_t q = 0; q < 3; ++q) {
      const auto wanted = plain_best(vectors, ids, queries.row(q), k);
      ASSERT_EQ(found[q].size(), wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_NEAR(found[q][i].score, wanted[i].score, 1e-6);
        // Of one value, all scores are 1 or -1 within a rounding.
        if (columns > 1) {
          EXPECT_EQ(found[q][i].id, wanted[i].id) << columns << " columns";
        }
      }
    }
  }
}

TEST(ExactIndex, FindsWhatAPlainLoopFindsInEverySize) {
  for (std::size_t columns = 1; columns <= 100; ++columns) {
    for (const std::size_t rows : {0, 1, 2, 17, 33}) expect_plain_best(rows, columns);
  }
  for (const std::size_t columns : {1, 15, 16, 33}) expect_plain_best(5000, columns);
}

TEST(ExactIndex, AnswersAreTheSameByAnyNumberOfThreads) {
  constexpr std::size_t kRows = 60'000;  // more than is left to one thread
  constexpr std::size_t kColumns = 48;
  Matrix vectors = random_vectors(kRows, kColumns, 11);
  // Ties across the parts that threads get, and scores that overflow to infinity and to no number.
  for (std::size_t i = 0; i < kRows; i += 1000) {
    std::copy_n(vectors.row(0).data(), kColumns, vectors.row(i).data());
    vectors.row(i + 1)[0] = 3e38F;
    vectors.row(i + 2)[0] = 3e38F;
    vectors.row(i + 2)[1] = -3e38F;
  }
  Matrix queries = random_vectors(4, kColumns, 12);
  std::copy_n(vectors.row(0).data(), kColumns, queries.row(0).data());
  queries.row(1)[0] = queries.row(1)[1] = 10;
  const auto index = make_index("exact", kColumns);
  index->add(vectors, ids_from(5, kRows));
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  for (const std::size_t k : {1, 100, 59'000, 70'000}) {
    const auto wanted = index->search(queries, k);
    for (const int count : {2, 5}) {
      omp_set_num_threads(count);
      const auto found = index->search(queries, k);
      for (std::size_t q = 0; q < queries.rows(); ++q) {
        ASSERT_EQ(found[q].size(), std::min(k, kRows));
        for (std::size_t i = 0; i < found[q].size(); ++i) {
          ASSERT_EQ(found[q][i].id, wanted[q][i].id) << count << " threads, k " << k << ", place " << i;
        }
      }
    }
    omp_set_num_threads(1);
  }
  omp_set_num_threads(threads);
}

TEST(ExactIndex, EqualRowsTieByIdInWhateverOrderTheyCame) {
  const Matrix one = random_vectors(1, 19, 5);
  const auto index = make_index("exact", 19);
  for (const std::int64_t id : {9, 4, 7, 0}) index->add(one, std::vector{id});
  const auto found = index->search(one, 3)[0];
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].id, 0);
  EXPECT_EQ(found[1].id, 4);
  EXPECT_EQ(found[2].id, 7);
}

TEST(ExactIndex, RefusesWhatItCannotHold) {
  const auto index = make_index("exact", 4);
  const Matrix good = random_vectors(2, 4, 6);
  Matrix bad = good;
  bad.row(1)[2] = std::numeric_limits<float>::quiet_NaN();
  const auto ids = ids_from(0, 2);
  EXPECT_EQ(error_code_of([&] { index->add(bad, ids); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->search(bad, 1); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->add(good, ids_from(0, 3)); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->add(good, ids_from(-1, 2)); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->add(random_vectors(2, 5, 6), ids); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->search(random_vectors(2, 5, 6), 1); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->search(good, 0); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { make_index("exact", 0); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(index->size(), 0u);
  EXPECT_EQ(index->search(Matrix(), 1).size(), 0u);
}

TEST(BestRows, PassesOverRowsWithANegativeIdAndJoinsScans) {
  const Matrix vectors = random_vectors(40, 8, 9);
  auto ids = ids_from(0, 40);
  const auto index = make_index("exact", 8);
  for (std::size_t i = 0; i < 40; ++i) {
    if (i % 3 == 0) {
      ids[i] = -1;
    } else {
      index->add(vectors.view().rows(i, 1), std::vector{ids[i]});
    }
  }
  const Matrix queries = random_vectors(2, 8, 10);
  const std::vector<RowsWithIds> parts = {{vectors.view().rows(0, 25), std::span(ids).first(25)},
                                          {vectors.view().rows(25, 15), std::span(ids).subspan(25)}};
  BestRows together(queries, 12);
  together.scan(parts);
  EXPECT_EQ(together.take(), index->search(queries, 12));
  BestRows apart(queries, 12);
  for (const RowsWithIds& part : parts) apart.scan({&part, 1});
  EXPECT_EQ(apart.take(), index->search(queries, 12));
  BestRows late(queries, 40);
  late.scan(parts, 38);
  EXPECT_EQ(late.take()[0].size(), 1u) << "38 alone: 39 is passed over, what is below 38 too";
}

}  // namespace
}  // namespace tandem::index

#include "index/faiss_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "support/error_code_of.h"
#include "support/vectors.h"

namespace tandem::index {
namespace {

constexpr std::size_t kFaissDimension = 32;

double recall_at_10(const VectorIndex& index, const VectorIndex& exact, MatrixView queries) {
  const auto found = index.search(queries, 10);
  const auto wanted = exact.search(queries, 10);
  std::size_t hits = 0;
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    std::set<std::int64_t> ids;
    for (const auto& hit : wanted[q]) ids.insert(hit.id);
    for (const auto& hit : found[q]) hits += ids.count(hit.id);
  }
  return static_cast<double>(hits) / (10.0 * static_cast<double>(queries.rows()));
}

class FaissRecall : public ::testing::TestWithParam<const char*> {};

TEST_P(FaissRecall, FindsNineOfTheTenNearestOnClusteredVectors) {
  const std::size_t rows = 12'000;
  const Matrix vectors = clustered_vectors(rows, kFaissDimension, 100, 21);
  const Matrix queries = clustered_vectors(200, kFaissDimension, 100, 22);
  const auto exact = make_index("exact", kFaissDimension);
  const auto index = make_index(GetParam(), kFaissDimension);
  exact->add(vectors, ids_from(5, rows));
  index->add(vectors, ids_from(5, rows));
  const double recall = recall_at_10(*index, *exact, queries);
  RecordProperty("recall_at_10", std::to_string(recall));
  std::cout << GetParam() << ": recall@10 " << recall << '\n';
  EXPECT_GE(recall, 0.9);
}

INSTANTIATE_TEST_SUITE_P(Specs, FaissRecall,
                         ::testing::Values("Flat", "IVF64,Flat", "IVF256,Flat", "IVF64,SQ8", "HNSW32", "SQ8"),
                         [](const auto& spec) {
                           std::string name = spec.param;
                           for (char& c : name) {
                             if (c == ',') c = '_';
                           }
                           return name;
                         });

class FaissSizes : public ::testing::TestWithParam<const char*> {};

TEST_P(FaissSizes, AnswersInEverySizeWithStoredIdsAndWithoutPadding) {
  for (const std::size_t rows : {0, 1, 2, 17, 33}) {
    const Matrix vectors = random_vectors(rows, kFaissDimension, 31);
    const auto index = make_index(GetParam(), kFaissDimension);
    index->add(vectors, ids_from(1000, rows));
    EXPECT_EQ(index->size(), rows);
    EXPECT_EQ(index->dimension(), kFaissDimension);
    const auto found = index->search(random_vectors(3, kFaissDimension, 32), 50);
    ASSERT_EQ(found.size(), 3u);
    for (const auto& hits : found) {
      EXPECT_EQ(hits.size(), rows) << "all of so few rows are found";
      std::set<std::int64_t> ids;
      for (const auto& hit : hits) {
        EXPECT_GE(hit.id, 1000);
        EXPECT_LT(hit.id, 1000 + static_cast<std::int64_t>(rows));
        ids.insert(hit.id);
      }
      EXPECT_EQ(ids.size(), hits.size()) << "each once";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Specs, FaissSizes, ::testing::Values("Flat", "IVF4,Flat", "HNSW32", "SQ8", "PQ4"),
                         [](const auto& spec) {
                           const std::string name = spec.param;
                           return name.substr(0, name.find(','));
                         });

TEST(FaissIndex, ScansExactlyUntilThereAreEnoughVectorsToLearnFrom) {
  // IVF4 wants 39 vectors for each of its 4 lists.
  const Matrix vectors = random_vectors(160, kFaissDimension, 41);
  const Matrix queries = random_vectors(5, kFaissDimension, 42);
  const auto exact = make_index("exact", kFaissDimension);
  const auto index = make_index("IVF4,Flat", kFaissDimension);
  const auto grow = [&](std::size_t first, std::size_t count) {
    exact->add(vectors.view().rows(first, count), ids_from(static_cast<std::int64_t>(first), count));
    index->add(vectors.view().rows(first, count), ids_from(static_cast<std::int64_t>(first), count));
  };
  grow(0, 155);
  EXPECT_EQ(index->search(queries, 10), exact->search(queries, 10)) << "before training";
  grow(155, 1);
  grow(156, 4);
  EXPECT_EQ(index->size(), 160u);
  const auto found = index->search(queries, 160);
  const auto wanted = exact->search(queries, 160);
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    ASSERT_EQ(found[q].size(), 160u) << "all 4 lists are visited, nothing was lost in training";
    for (std::size_t i = 0; i < 160; ++i) EXPECT_NEAR(found[q][i].score, wanted[q][i].score, 1e-5);
  }
}

TEST(FaissIndex, RefusesAStringThatIsNoInnerProductIndex) {
  for (const char* spec : {"", "Exact", "IVF", "HNSW32,Nonsense", "IDMap,Flat", "Flat,IDMap2", "IVF0x,Flat",
                           "HNSW99999999", "IVF1048577,Flat", "PCA99999999999999999999,Flat"}) {
    EXPECT_EQ(error_code_of([&] { make_index(spec, kFaissDimension); }), ErrorCode::kInvalidArgument) << spec;
  }
}

TEST(FaissIndex, RefusesVectorsThatAreNotFinite) {
  const auto index = make_index("HNSW32", kFaissDimension);
  Matrix bad = random_vectors(2, kFaissDimension, 6);
  bad.row(1)[2] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error_code_of([&] { index->add(bad, ids_from(0, 2)); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->search(bad, 1); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { index->search(random_vectors(1, kFaissDimension, 1), 0); }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(index->size(), 0u);
}

}  // namespace
}  // namespace tandem::index

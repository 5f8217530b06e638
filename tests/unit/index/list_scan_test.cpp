#include "index/list_scan.h"

#include <faiss/IndexIVF.h>
#include <faiss/index_factory.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <memory>
#include <string>
#include <vector>

#include "support/vectors.h"

namespace tandem::index {
namespace {

constexpr std::size_t kListDimension = 24;

constexpr std::size_t kRows = 2000;

std::unique_ptr<faiss::Index> trained(const char* spec, const Matrix& vectors) {
  std::unique_ptr<faiss::Index> index(
      faiss::index_factory(kListDimension, spec, faiss::METRIC_INNER_PRODUCT));
  index->train(static_cast<faiss::Index::idx_t>(vectors.rows()), vectors.data());
  return index;
}

class ListScanTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ListScanTest, FindsWhatFaissItselfFinds) {
  const Matrix vectors = clustered_vectors(kRows, kListDimension, 30, 1);
  const Matrix queries = clustered_vectors(20, kListDimension, 30, 2);
  const auto index = trained(GetParam(), vectors);
  index->add(kRows, vectors.data());
  for (const std::size_t probes : {1, 5, 32}) {
    dynamic_cast<faiss::IndexIVF&>(*index).nprobe = probes;
    const auto found = search_lists(*scannable_lists(*index), ids_from(7, kRows), queries, 50);
    std::vector<float> scores(50);
    std::vector<faiss::Index::idx_t> ids(50);
    for (std::size_t q = 0; q < queries.rows(); ++q) {
      index->search(1, queries.row(q).data(), 50, scores.data(), ids.data());
      for (std::size_t i = 0; i < 50; ++i) {
        if (i >= found[q].size()) {
          EXPECT_EQ(ids[i], -1) << "so few rows are in the lists";
          continue;
        }
        EXPECT_EQ(found[q][i].id, ids[i] + 7);
        EXPECT_NEAR(found[q][i].score, scores[i], 1e-5);
      }
    }
  }
}

TEST_P(ListScanTest, FindsTheSameByAnyNumberOfThreads) {
  constexpr std::size_t kMany = 100'000;
  const Matrix some = random_vectors(1300, 200, 3);
  std::unique_ptr<faiss::Index> index(faiss::index_factory(200, GetParam(), faiss::METRIC_INNER_PRODUCT));
  index->train(1300, some.data());
  for (std::size_t i = 0; i < kMany; i += 1000) index->add(1000, some.data());  // each a hundred times: ties
  dynamic_cast<faiss::IndexIVF&>(*index).nprobe = 32;
  const Matrix query = random_vectors(1, 200, 4);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto wanted = search_lists(*scannable_lists(*index), ids_from(0, kMany), query, 150);
  omp_set_num_threads(3);
  EXPECT_EQ(search_lists(*scannable_lists(*index), ids_from(0, kMany), query, 150), wanted);
  omp_set_num_threads(threads);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ListScanTest, ::testing::Values("IVF32,Flat", "IVF32,SQ8"),
                         [](const auto& test) { return std::string(test.param).substr(6); });

TEST(ListScan, LeavesListsOfAnythingElseToFaiss) {
  const Matrix vectors = random_vectors(500, kListDimension, 5);
  for (const char* spec : {"IVF4,Flat", "IVF4,SQ8"}) {
    EXPECT_NE(scannable_lists(*trained(spec, vectors)), nullptr) << spec;
  }
  for (const char* spec : {"Flat", "HNSW16", "SQ8", "IVF4,SQ4", "IVF4,SQfp16", "IVF4,FlatDedup",
                           "IVF4_HNSW8,Flat", "PCA8,IVF4,Flat"}) {
    EXPECT_EQ(scannable_lists(*trained(spec, vectors)), nullptr) << spec;
  }
}

}  // namespace
}  // namespace tandem::index

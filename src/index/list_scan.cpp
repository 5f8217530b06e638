#include "index/list_scan.h"

#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/IndexScalarQuantizer.h>

#include <array>
#include <numeric>
#include <typeinfo>

#include "index/best_of_parts.h"
#include "index/exact_scan.h"
#include "index/inner_product.h"

namespace tandem::index {
namespace {

constexpr std::size_t kBlockRows = 64;  // scored before the best of them are looked for

// Inner products of one query with rows of a list.
class ListScorer {
 public:
  virtual ~ListScorer() = default;
  // `rows`: `count` rows as the list holds them; `of_centroid`: the inner product with the list's centroid.
  virtual void score(const std::uint8_t* rows, std::size_t count, float of_centroid, float* scores) const = 0;
};

class VectorScorer final : public ListScorer {
 public:
  explicit VectorScorer(std::span<const float> query) : query_(query) {}
  void score(const std::uint8_t* rows, std::size_t count, float /*of_centroid*/,
             float* scores) const override {
    inner_products({reinterpret_cast<const float*>(rows), count, query_.size()}, query_, scores);
  }

 private:
  std::span<const float> query_;
};

// A value is least + (code + 1/2) * range / 255, of a vector or of what its list's centroid leaves of it. So
// the product with a query is that of the codes with a scaled query, and a constant.
class CodeScorer final : public ListScorer {
 public:
  CodeScorer(const faiss::IndexIVFScalarQuantizer& index, std::span<const float> query)
      : columns_(query.size()), by_residual_(index.by_residual) {
    const std::span<const float> least = std::span(index.sq.trained).first(columns_);
    const std::span<const float> range = std::span(index.sq.trained).subspan(columns_);
    std::vector<float> scaled(columns_);
    for (std::size_t i = 0; i < columns_; ++i) {
      scaled[i] = query[i] * range[i] / 255;
      constant_ += query[i] * least[i] + scaled[i] / 2;
    }
    query_ = code_query(scaled);
  }
  void score(const std::uint8_t* rows, std::size_t count, float of_centroid, float* scores) const override {
    inner_products(Codes{rows, count, columns_}, query_, scores);
    const float constant = constant_ + (by_residual_ ? of_centroid : 0);
    for (std::size_t i = 0; i < count; ++i) scores[i] += constant;
  }

 private:
  std::size_t columns_;
  bool by_residual_;
  float constant_ = 0;
  std::vector<float> query_;
};

bool has_byte_codes(const faiss::IndexIVF& index) {
  if (typeid(index) != typeid(faiss::IndexIVFScalarQuantizer)) return false;
  const auto& quantizer = static_cast<const faiss::IndexIVFScalarQuantizer&>(index).sq;
  return quantizer.qtype == faiss::ScalarQuantizer::QT_8bit &&
         quantizer.trained.size() == 2 * static_cast<std::size_t>(index.d);
}

std::unique_ptr<ListScorer> scorer_for(const faiss::IndexIVF& index, std::span<const float> query) {
  if (!has_byte_codes(index)) return std::make_unique<VectorScorer>(query);
  return std::make_unique<CodeScorer>(static_cast<const faiss::IndexIVFScalarQuantizer&>(index), query);
}

// For each query the numbers of the lists that are worth a look, by the inner products with their centroids.
std::vector<std::vector<ScoredId>> nearest_lists(const faiss::IndexIVF& index, MatrixView queries) {
  const auto& centroids = static_cast<const faiss::IndexFlat&>(*index.quantizer);
  std::vector<std::int64_t> numbers(index.nlist);
  std::iota(numbers.begin(), numbers.end(), 0);
  const RowsWithIds rows{{centroids.get_xb(), index.nlist, queries.columns()}, numbers};
  BestRows best(queries, index.nprobe);
  best.scan({&rows, 1});
  return best.take();
}

void scan_list(const faiss::IndexIVF& index, const ScoredId& list, const ListScorer& scorer, BestHits& best) {
  const auto number = static_cast<std::size_t>(list.id);
  const std::uint8_t* const rows = index.invlists->get_codes(number);
  const faiss::Index::idx_t* const positions = index.invlists->get_ids(number);
  const std::size_t size = index.invlists->list_size(number);
  std::array<float, kBlockRows> scores;
  for (std::size_t first = 0; first < size; first += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, size - first);
    scorer.score(rows + first * index.code_size, count, list.score, scores.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (!(scores[i] < best.least_score())) best.offer({positions[first + i], scores[i]});
    }
  }
}

std::vector<ScoredId> search_some(const faiss::IndexIVF& index, std::span<const ScoredId> lists,
                                  std::span<const float> query, std::size_t k) {
  const auto scorer = scorer_for(index, query);
  std::size_t rows = 0;
  for (const ScoredId& list : lists) rows += index.invlists->list_size(static_cast<std::size_t>(list.id));
  return best_of_parts(lists.size(), 1, k, rows, rows * index.code_size,
                       [&](std::size_t part, std::size_t /*query*/, BestHits& best) {
                         scan_list(index, lists[part], *scorer, best);
                       })[0];
}

}  // namespace

const faiss::IndexIVF* scannable_lists(const faiss::Index& index) {
  const auto* lists = dynamic_cast<const faiss::IndexIVF*>(&index);
  // Not a class that derives from it: its lists may hold less than all rows.
  if (lists == nullptr || (typeid(index) != typeid(faiss::IndexIVFFlat) && !has_byte_codes(*lists))) {
    return nullptr;
  }
  return dynamic_cast<const faiss::IndexFlat*>(lists->quantizer) != nullptr ? lists : nullptr;
}

std::vector<std::vector<ScoredId>> search_lists(const faiss::IndexIVF& index,
                                                std::span<const std::int64_t> ids, MatrixView queries,
                                                std::size_t k) {
  const auto lists = nearest_lists(index, queries);
  std::vector<std::vector<ScoredId>> results;
  for (std::size_t query = 0; query < queries.rows(); ++query) {
    auto& hits = results.emplace_back(search_some(index, lists[query], queries.row(query), k));
    for (ScoredId& hit : hits) hit.id = ids[static_cast<std::size_t>(hit.id)];
    sort_best_first(hits, k);
  }
  return results;
}

}  // namespace tandem::index

// An index of the FAISS library, named by its factory string.
//
// Ids are stored beside the vectors (IndexIDMap); the metric is the inner product. An index that learns
// is trained on the first vectors added: until there are enough of them they are kept as they are and
// scanned exactly. Threads as in tandem/index.h.
#pragma once

#include <memory>
#include <string>

#include "index/exact_index.h"
#include "index/index_file.h"
#include "index/stored_index.h"

namespace faiss {
template <typename IndexT>
struct IndexIDMapTemplate;
struct Index;
}  // namespace faiss

namespace tandem::index {

class FaissIndex final : public StoredIndex {
 public:
  // Throws InvalidArgument for a string that FAISS cannot make an inner-product index of.
  FaissIndex(const std::string& spec, std::size_t dimension);
  ~FaissIndex() override;

  // The index in a file whose body is IndexBody::kFaiss. Throws BadFormat.
  static std::unique_ptr<FaissIndex> parse(const IndexFile& file, const std::string& name);

  std::size_t size() const override;
  std::size_t dimension() const override { return waiting_.dimension(); }
  void add(MatrixView vectors, std::span<const std::int64_t> ids) override;
  std::vector<std::vector<ScoredId>> search(MatrixView queries, std::size_t k) const override;
  std::vector<std::byte> to_bytes() const override;
  std::vector<std::int64_t> ids() const override;
  bool look_at(double share) override;

 private:
  using IdMap = faiss::IndexIDMapTemplate<faiss::Index>;

  FaissIndex(const IndexFile& file, std::unique_ptr<IdMap> map);

  std::string spec_;
  std::unique_ptr<IdMap> map_;
  ExactIndex waiting_;  // rows that came before there were enough to learn from
  std::size_t wanted_;  // how many are enough
};

}  // namespace tandem::index

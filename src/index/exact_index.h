// The plain index: all vectors in memory, every one scored. The oracle of the others.
//
// Threads as in tandem/index.h.
#pragma once

#include "index/stored_index.h"

namespace tandem::index {

class ExactIndex final : public StoredIndex {
 public:
  explicit ExactIndex(std::size_t dimension) : dimension_(dimension) {}

  std::size_t size() const override { return ids_.size(); }
  std::size_t dimension() const override { return dimension_; }
  void add(MatrixView vectors, std::span<const std::int64_t> ids) override;
  std::vector<std::vector<ScoredId>> search(MatrixView queries, std::size_t k) const override;
  std::vector<std::byte> to_bytes() const override;
  std::vector<std::int64_t> ids() const override { return ids_; }

  MatrixView vectors() const { return {values_.data(), ids_.size(), dimension_}; }

 private:
  std::size_t dimension_;
  std::vector<std::int64_t> ids_;
  std::vector<float> values_;
};

// Throws InvalidArgument unless `vectors` can be added to an index of this width under these ids.
void require_rows(MatrixView vectors, std::span<const std::int64_t> ids, std::size_t dimension);

}  // namespace tandem::index

// Vector indexes: the ids of the rows most similar to a query, by inner product.
//
// Building (add, look_at) is for one thread; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tandem/matrix.h"

namespace tandem {

struct ScoredId {
  std::int64_t id = 0;
  float score = 0;
  friend bool operator==(const ScoredId&, const ScoredId&) = default;
};

// Sorts best first, ties by the lower id, and drops all but the first `k`. The one order of the library.
void sort_best_first(std::vector<ScoredId>& hits, std::size_t k);

class VectorIndex {
 public:
  virtual ~VectorIndex() = default;

  virtual std::size_t size() const = 0;
  virtual std::size_t dimension() const = 0;

  // `vectors`: n × dimension; `ids`: n, >= 0, stored with the vectors. Throws InvalidArgument (another
  // width, another count, a value that is not finite). An index that learns (IVF, SQ) is trained on the
  // first vectors added.
  virtual void add(MatrixView vectors, std::span<const std::int64_t> ids) = 0;

  // `queries`: q × dimension. Returns q lists, best first, ties by id, each of min(k, size()) hits for
  // exact search and of at most that many for approximate search. k = 0 is InvalidArgument; an empty
  // index gives empty lists.
  virtual std::vector<std::vector<ScoredId>> search(MatrixView queries, std::size_t k) const = 0;

  // Has searches look at this share of the rows, above 0 and up to 1, as near as the kind can: whole lists of
  // an inverted index ("IVF..."). The more it looks at, the more it finds, and the longer it takes. Kept by
  // save(). False where the kind has nothing of this sort. For one thread, as building.
  virtual bool look_at(double /*share*/) { return false; }

  // Writes the index to a file (atomically), readable by load_index().
  virtual void save(const std::filesystem::path& path) const = 0;
};

// `spec` is "exact" (a plain scan, the oracle of the others) or a FAISS factory string: "Flat",
// "IVF256,Flat", "HNSW32", "SQ8", ... Throws InvalidArgument for a string that is neither.
// Fastest for one query are "exact" among up to some 100,000 rows, "IVF...,Flat" and "IVF...,SQ8" (a quarter
// of the memory, scores that are off by a thousandth or so) above; searches of these and of "exact" by one
// query use the threads of OpenMP, and their results do not depend on how many.
std::unique_ptr<VectorIndex> make_index(const std::string& spec, std::size_t dimension);

// The spec of a gallery of `rows` embeddings that is left the choice: "exact" up to 100,000, which takes some
// ten milliseconds, above them inverted lists: "IVF4000,SQ8" for a million.
std::string automatic_spec(std::size_t rows);

// Throws NotFound, BadFormat, VersionTooNew.
std::unique_ptr<VectorIndex> load_index(const std::filesystem::path& path);

}  // namespace tandem

#include "index/stored_index.h"

#include "core/fail.h"
#include "index/exact_index.h"
#include "index/faiss_index.h"
#include "index/index_file.h"

namespace tandem {
namespace index {

void StoredIndex::save(const std::filesystem::path& path) const {
  save_index(FileSystem::system(), *this, path);
}

std::unique_ptr<StoredIndex> make_stored_index(const std::string& spec, std::size_t dimension) {
  if (dimension == 0 || dimension > kMaxDimension) {
    fail(ErrorCode::kInvalidArgument, "index: dimension is {}, 1 to {} is wanted", dimension, kMaxDimension);
  }
  if (spec == "exact") return std::make_unique<ExactIndex>(dimension);
  return std::make_unique<FaissIndex>(spec, dimension);
}

std::unique_ptr<StoredIndex> index_from_bytes(std::span<const std::byte> bytes, const std::string& name) {
  const IndexFile file = parse_index_file(bytes, name);
  if (file.body == IndexBody::kFaiss) return FaissIndex::parse(file, name);
  auto index = make_stored_index(file.spec, file.dimension);
  add_rows(*index, file, name);
  return index;
}

void save_index(FileSystem& files, const StoredIndex& index, const std::filesystem::path& path) {
  replace_file(files, path, index.to_bytes());
}

std::unique_ptr<StoredIndex> load_index(FileSystem& files, const std::filesystem::path& path) {
  return index_from_bytes(files.map(path)->bytes(), path.string());
}

}  // namespace index

std::unique_ptr<VectorIndex> make_index(const std::string& spec, std::size_t dimension) {
  return index::make_stored_index(spec, dimension);
}

std::unique_ptr<VectorIndex> load_index(const std::filesystem::path& path) {
  return index::load_index(FileSystem::system(), path);
}

}  // namespace tandem

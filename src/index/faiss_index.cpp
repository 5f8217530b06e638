#include "index/faiss_index.h"

#include <faiss/IndexIDMap.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/fail.h"
#include "index/exact_scan.h"
#include "index/faiss_errors.h"
#include "index/faiss_tuning.h"
#include "index/list_scan.h"

namespace tandem::index {
namespace {

constexpr const char* kDigits = "0123456789";

class SpanReader final : public faiss::IOReader {
 public:
  explicit SpanReader(std::span<const std::byte> bytes) : left_(bytes) {}
  std::size_t operator()(void* to, std::size_t size, std::size_t items) override {
    const std::size_t got = size == 0 ? 0 : std::min(items, left_.size() / size);
    if (got > 0) std::memcpy(to, left_.data(), got * size);
    left_ = left_.subspan(got * size);
    return got;
  }
  std::size_t left() const { return left_.size(); }

 private:
  std::span<const std::byte> left_;
};

// More lists, links or bits than any index has; FAISS would spend minutes and gigabytes on them first.
constexpr unsigned long kMaxNumber = 1 << 20;

void require_sane_numbers(const std::string& spec, const std::string& where) {
  for (std::size_t at = spec.find_first_of(kDigits); at != spec.npos;) {
    const std::size_t end = std::min(spec.find_first_not_of(kDigits, at), spec.size());
    if (end - at > 7 || std::stoul(spec.substr(at, end - at)) > kMaxNumber) {
      fail(ErrorCode::kInvalidArgument, "{}: {} is too large, numbers up to {} are taken", where,
           spec.substr(at, end - at), kMaxNumber);
    }
    at = spec.find_first_of(kDigits, end);
  }
}

std::unique_ptr<faiss::IndexIDMap> make_map(const std::string& spec, std::size_t dimension) {
  const std::string where = fmt::format("index \"{}\"", spec);
  if (spec.empty() || spec.find("IDMap") != std::string::npos) {
    fail(ErrorCode::kInvalidArgument,
         "{}: \"exact\" or a FAISS factory string such as \"HNSW32\" is wanted (ids are always stored)",
         where);
  }
  require_sane_numbers(spec, where);
  return translated(ErrorCode::kInvalidArgument, where, [&] {
    std::unique_ptr<faiss::Index> made(
        faiss::index_factory(static_cast<int>(dimension), spec.c_str(), faiss::METRIC_INNER_PRODUCT));
    tune(*made);
    auto map = std::make_unique<faiss::IndexIDMap>(made.get());
    made.release();
    map->own_fields = true;
    return map;
  });
}

std::vector<ScoredId> to_hits(std::span<const float> scores, std::span<const faiss::Index::idx_t> ids) {
  std::vector<ScoredId> hits;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= 0) hits.push_back({ids[i], scores[i]});  // -1 pads a short list
  }
  sort_best_first(hits, hits.size());
  return hits;
}

}  // namespace

FaissIndex::FaissIndex(const std::string& spec, std::size_t dimension)
    : spec_(spec),
      map_(make_map(spec, dimension)),
      waiting_(dimension),
      wanted_(training_rows(*map_->index)) {}

FaissIndex::FaissIndex(const IndexFile& file, std::unique_ptr<IdMap> map)
    : spec_(file.spec), map_(std::move(map)), waiting_(file.dimension), wanted_(0) {}

FaissIndex::~FaissIndex() = default;

std::unique_ptr<FaissIndex> FaissIndex::parse(const IndexFile& file, const std::string& name) {
  return translated(ErrorCode::kBadFormat, name, [&] {
    SpanReader reader(file.bytes);
    std::unique_ptr<faiss::Index> read(faiss::read_index(&reader));
    auto* map = dynamic_cast<faiss::IndexIDMap*>(read.get());
    if (map == nullptr || reader.left() != 0 || !map->is_trained ||
        map->metric_type != faiss::METRIC_INNER_PRODUCT ||
        static_cast<std::size_t>(map->d) != file.dimension || map->id_map.size() != file.count ||
        static_cast<std::size_t>(map->ntotal) != file.count || map->index->ntotal != map->ntotal ||
        map->index->d != map->d) {
      fail(ErrorCode::kBadFormat,
           "{}: its FAISS index is not the one of {} rows of {} values that its header says", name,
           file.count, file.dimension);
    }
    read.release();
    return std::unique_ptr<FaissIndex>(new FaissIndex(file, std::unique_ptr<IdMap>(map)));
  });
}

std::size_t FaissIndex::size() const { return map_->id_map.size() + waiting_.size(); }

void FaissIndex::add(MatrixView vectors, std::span<const std::int64_t> ids) {
  require_rows(vectors, ids, dimension());
  if (vectors.rows() == 0) return;
  translated(ErrorCode::kBackend, "index \"" + spec_ + "\"", [&] {
    if (map_->is_trained) {
      map_->add_with_ids(static_cast<faiss::Index::idx_t>(vectors.rows()), vectors.data(), ids.data());
      return;
    }
    waiting_.add(vectors, ids);
    if (waiting_.size() < wanted_) return;
    const auto count = static_cast<faiss::Index::idx_t>(waiting_.size());
    map_->train(count, waiting_.vectors().data());
    map_->add_with_ids(count, waiting_.vectors().data(), waiting_.ids().data());
    waiting_ = ExactIndex(dimension());
  });
}

std::vector<std::vector<ScoredId>> FaissIndex::search(MatrixView queries, std::size_t k) const {
  require_search(queries, dimension(), k);
  if (!map_->is_trained) return waiting_.search(queries, k);
  std::vector<std::vector<ScoredId>> results(queries.rows());
  const std::size_t count = std::min(k, size());
  if (count == 0 || queries.rows() == 0) return results;
  if (const auto* lists = scannable_lists(*map_->index)) {
    return search_lists(*lists, map_->id_map, queries, count);
  }
  translated(ErrorCode::kBackend, "index \"" + spec_ + "\"", [&] {
    std::vector<float> scores(queries.rows() * count);
    std::vector<faiss::Index::idx_t> ids(queries.rows() * count);
    map_->search(static_cast<faiss::Index::idx_t>(queries.rows()), queries.data(),
                 static_cast<faiss::Index::idx_t>(count), scores.data(), ids.data());
    for (std::size_t i = 0; i < queries.rows(); ++i) {
      results[i] =
          to_hits(std::span(scores).subspan(i * count, count), std::span(ids).subspan(i * count, count));
    }
  });
  return results;
}

std::vector<std::byte> FaissIndex::to_bytes() const {
  if (!map_->is_trained) {
    const auto body = format_rows(waiting_.ids(), waiting_.vectors());
    return format_index_file({spec_, dimension(), size(), IndexBody::kRows, body});
  }
  faiss::VectorIOWriter writer;
  translated(ErrorCode::kBackend, "index \"" + spec_ + "\"",
             [&] { faiss::write_index(map_.get(), &writer); });
  return format_index_file(
      {spec_, dimension(), size(), IndexBody::kFaiss, std::as_bytes(std::span(writer.data))});
}

std::vector<std::int64_t> FaissIndex::ids() const { return map_->is_trained ? map_->id_map : waiting_.ids(); }

bool FaissIndex::look_at(double share) { return index::look_at(*map_->index, share); }

}  // namespace tandem::index

// A gallery in memory, for tests of what stands above galleries.
//
// MemoryGallery is the reader, MemoryWriter the writer, which keeps committed and uncommitted apart as a
// real one does. For one thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "gallery/gallery_models.h"
#include "tandem/gallery_writer.h"

namespace tandem {

inline GalleryInfo memory_gallery_info(const gallery::ModelInfos& models,
                                       TokenStorage tokens = TokenStorage::kFp16) {
  const ModelInfo& model = models.model;
  GalleryInfo info;
  info.path = "memory";
  info.format_version = 1;
  info.model = gallery::gallery_model(model);
  if (models.reranker != nullptr) info.reranker = gallery::gallery_model(*models.reranker);
  info.dimension = model.embedding_dim;
  info.embedding_rows = model.embedding_rows;
  info.tokens = tokens;
  info.token_width = models.matching().image_token_width;
  info.index_spec = "exact";
  return info;
}

class MemoryGallery final : public Gallery {
 public:
  struct StoredImage {
    ImageRecord record;
    EncodedImage encoded;
  };
  struct StoredCaption {
    CaptionRecord record;
    std::vector<float> embedding;
  };

  explicit MemoryGallery(GalleryInfo info) : info_(std::move(info)) {}

  const GalleryInfo& info() const override { return info_; }

  std::vector<ImageRecord> images() const override {
    std::vector<ImageRecord> records;
    for (const auto& [id, image] : stored_images) records.push_back(image.record);
    return records;
  }
  ImageRecord image(ImageId id) const override { return find(stored_images, id).record; }
  CaptionRecord caption(CaptionId id) const override { return find(stored_captions, id).record; }
  std::vector<CaptionRecord> captions_of(ImageId id) const override {
    std::vector<CaptionRecord> records;
    for (const auto& [caption, stored] : stored_captions) {
      if (stored.record.image == id) records.push_back(stored.record);
    }
    return records;
  }
  std::vector<SkippedRecord> skipped() const override {
    std::vector<SkippedRecord> records;
    for (const auto& [path, record] : stored_skipped) records.push_back(record);
    return records;
  }
  Matrix embedding(ImageId id) const override { return find(stored_images, id).encoded.embedding; }
  Matrix tokens(ImageId id) const override {
    if (info_.tokens == TokenStorage::kNone) fail(ErrorCode::kUnsupported, "memory: no tokens are stored");
    return find(stored_images, id).encoded.tokens;
  }

  std::vector<std::vector<ScoredId>> nearest_images(MatrixView queries, std::size_t k) const override {
    return nearest(queries, k, [this](std::span<const float> query) {
      std::vector<ScoredId> hits;
      for (const auto& [id, image] : stored_images) {
        float best = -2;
        for (std::size_t r = 0; r < image.encoded.embedding.rows(); ++r) {
          best = std::max(best, product(query, image.encoded.embedding.row(r)));
        }
        hits.push_back({id, best});
      }
      return hits;
    });
  }
  std::vector<std::vector<ScoredId>> nearest_captions(MatrixView queries, std::size_t k) const override {
    return nearest(queries, k, [this](std::span<const float> query) {
      std::vector<ScoredId> hits;
      for (const auto& [id, caption] : stored_captions)
        hits.push_back({id, product(query, caption.embedding)});
      return hits;
    });
  }

  // For tests to fill and to look at.
  std::map<ImageId, StoredImage> stored_images;
  std::map<CaptionId, StoredCaption> stored_captions;
  std::map<std::filesystem::path, SkippedRecord> stored_skipped;
  // The k of each call, to see how much was asked for.
  mutable std::vector<std::size_t> asked;

  void count() {
    info_.images = stored_images.size();
    info_.captions = stored_captions.size();
    info_.skipped = stored_skipped.size();
  }

 private:
  template <typename Map>
  static const typename Map::mapped_type& find(const Map& map, std::int64_t id) {
    const auto found = map.find(id);
    if (found == map.end()) fail(ErrorCode::kNotFound, "memory: id {} is not there", id);
    return found->second;
  }
  static float product(std::span<const float> a, std::span<const float> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f);
  }
  template <typename Score>
  std::vector<std::vector<ScoredId>> nearest(MatrixView queries, std::size_t k, Score score) const {
    if (k == 0) fail(ErrorCode::kInvalidArgument, "k is 0");
    asked.push_back(k);
    std::vector<std::vector<ScoredId>> lists;
    for (std::size_t q = 0; q < queries.rows(); ++q) {
      lists.push_back(score(queries.row(q)));
      sort_best_first(lists.back(), k);
    }
    return lists;
  }

  GalleryInfo info_;
};

class MemoryWriter final : public GalleryWriter {
 public:
  explicit MemoryWriter(const gallery::ModelInfos& models, TokenStorage tokens = TokenStorage::kFp16)
      : working_(memory_gallery_info(models, tokens)), committed_(working_) {}

  const GalleryInfo& info() const override { return committed_.info(); }

  std::optional<FileStamp> known(const std::filesystem::path& path) const override {
    if (const auto skipped = working_.stored_skipped.find(path); skipped != working_.stored_skipped.end()) {
      return skipped->second.stamp;
    }
    const auto image = find(path);
    return image ? std::optional(image->stamp) : std::nullopt;
  }
  std::optional<ImageRecord> find(const std::filesystem::path& path) const override {
    for (const auto& [id, image] : working_.stored_images) {
      if (image.record.path == path) return image.record;
    }
    return std::nullopt;
  }

  ImageId add(const NewImage& image) override {
    if (on_add) on_add(image);
    return put(image.record, image.encoded, image.captions);
  }
  ImageId add_copy(ImageId source, const ImageRecord& record,
                   std::span<const NewCaption> captions = {}) override {
    const auto found = working_.stored_images.find(source);
    if (found == working_.stored_images.end())
      fail(ErrorCode::kNotFound, "memory: id {} is not there", source);
    if (damaged.contains(source)) fail(ErrorCode::kBadFormat, "memory: id {} is damaged", source);
    return put(record, EncodedImage(found->second.encoded), captions);
  }
  void update(const ImageRecord& record) override {
    const auto found = working_.stored_images.find(record.id);
    if (found == working_.stored_images.end()) {
      fail(ErrorCode::kNotFound, "memory: id {} is not there", record.id);
    }
    const auto other = find(record.path);
    if (other && other->id != record.id) {
      fail(ErrorCode::kInvalidArgument, "memory: {} is picture {}", record.path.string(), other->id);
    }
    working_.stored_skipped.erase(record.path);
    found->second.record = record;
  }
  CaptionId add_caption(ImageId image, const NewCaption& caption) override {
    if (!working_.stored_images.contains(image))
      fail(ErrorCode::kNotFound, "memory: id {} is not there", image);
    const CaptionId id = ++last_caption_id_;
    working_.stored_captions[id] = {{id, image, caption.text}, caption.embedding};
    return id;
  }
  void add_skipped(const SkippedRecord& record) override {
    take_out(record.path);
    working_.stored_skipped[record.path] = record;
  }
  std::size_t remove(const std::filesystem::path& path) override {
    const auto is_below = [&](const std::filesystem::path& one) {
      return std::mismatch(path.begin(), path.end(), one.begin(), one.end()).first == path.end();
    };
    std::vector<std::filesystem::path> below;
    for (const auto& [id, image] : working_.stored_images) {
      if (is_below(image.record.path)) below.push_back(image.record.path);
    }
    std::erase_if(working_.stored_skipped, [&](const auto& entry) { return is_below(entry.first); });
    for (const auto& one : below) take_out(one);
    return below.size();
  }
  void commit() override {
    if (on_commit) on_commit();
    ++commits;
    working_.count();
    committed_ = working_;
  }
  void build_index() override {}
  CompactReport compact(const CompactOptions&) override {
    commit();
    return {};
  }

  // What closing a writer does with changes that were not committed.
  void roll_back() { working_ = committed_; }

  // What a reader would see now.
  std::shared_ptr<const MemoryGallery> snapshot() const {
    return std::make_shared<const MemoryGallery>(committed_);
  }

  std::size_t commits = 0;
  // Pictures whose vectors cannot be copied.
  std::set<ImageId> damaged;
  // Called first; a test may throw in them.
  std::function<void(const NewImage&)> on_add;
  std::function<void()> on_commit;

 private:
  // Captions that the picture brings stand in for those that its path had.
  ImageId put(const ImageRecord& record, EncodedImage encoded, std::span<const NewCaption> captions) {
    const auto replaced = find(record.path);
    const ImageId id = ++last_id_;
    if (replaced && captions.empty()) {
      for (auto& [caption, stored] : working_.stored_captions) {
        if (stored.record.image == replaced->id) stored.record.image = id;
      }
    }
    take_out(record.path);
    auto& stored = working_.stored_images[id];
    stored = {record, std::move(encoded)};
    stored.record.id = id;
    for (const NewCaption& caption : captions) add_caption(id, caption);
    return id;
  }
  // Picture or skipped file, and its captions.
  void take_out(const std::filesystem::path& path) {
    working_.stored_skipped.erase(path);
    const auto known = find(path);
    if (!known) return;
    working_.stored_images.erase(known->id);
    std::erase_if(working_.stored_captions,
                  [&](const auto& caption) { return caption.second.record.image == known->id; });
  }

  MemoryGallery working_;
  MemoryGallery committed_;
  ImageId last_id_ = 0;
  CaptionId last_caption_id_ = 0;
};

}  // namespace tandem

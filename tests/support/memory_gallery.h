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
#include <string>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "tandem/gallery.h"

namespace tandem {

inline GalleryInfo memory_gallery_info(const ModelInfo& model, TokenStorage tokens = TokenStorage::kFp16) {
  GalleryInfo info;
  info.path = "memory";
  info.format_version = 1;
  info.model_family = model.family;
  info.model_path = model.path;
  info.weights_fingerprint = model.weights_fingerprint;
  info.preprocessing_fingerprint = model.preprocessing_fingerprint;
  info.dimension = model.embedding_dim;
  info.embedding_rows = model.embedding_rows;
  info.tokens = tokens;
  info.token_width = model.image_token_width;
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
  explicit MemoryWriter(const ModelInfo& model, TokenStorage tokens = TokenStorage::kFp16)
      : working_(memory_gallery_info(model, tokens)), committed_(working_) {}

  const GalleryInfo& info() const override { return committed_.info(); }

  std::optional<FileStamp> known(const std::filesystem::path& path) const override {
    if (const auto skipped = working_.stored_skipped.find(path); skipped != working_.stored_skipped.end()) {
      return skipped->second.stamp;
    }
    for (const auto& [id, image] : working_.stored_images) {
      if (image.record.path == path) return image.record.stamp;
    }
    return std::nullopt;
  }

  ImageId add(const NewImage& image) override {
    if (on_add) on_add(image);
    remove(image.record.path);
    const ImageId id = ++last_id_;
    auto& stored = working_.stored_images[id];
    stored = {image.record, image.encoded};
    stored.record.id = id;
    for (const NewCaption& caption : image.captions) add_caption(id, caption);
    return id;
  }
  CaptionId add_caption(ImageId image, const NewCaption& caption) override {
    const CaptionId id = ++last_caption_id_;
    working_.stored_captions[id] = {{id, image, caption.text}, caption.embedding};
    return id;
  }
  void add_skipped(const SkippedRecord& record) override {
    remove(record.path);
    working_.stored_skipped[record.path] = record;
  }
  std::size_t remove(const std::filesystem::path& path) override {
    working_.stored_skipped.erase(path);
    return std::erase_if(working_.stored_images, [&](const auto& entry) {
      if (entry.second.record.path != path) return false;
      std::erase_if(working_.stored_captions,
                    [&](const auto& caption) { return caption.second.record.image == entry.first; });
      return true;
    });
  }
  void commit() override {
    if (on_commit) on_commit();
    ++commits;
    working_.count();
    committed_ = working_;
  }
  void build_index() override { ++index_builds; }

  // What a reader would see now.
  std::shared_ptr<const MemoryGallery> snapshot() const {
    return std::make_shared<const MemoryGallery>(committed_);
  }

  std::size_t commits = 0;
  std::size_t index_builds = 0;
  // Called first; a test may throw in them.
  std::function<void(const NewImage&)> on_add;
  std::function<void()> on_commit;

 private:
  MemoryGallery working_;
  MemoryGallery committed_;
  ImageId last_id_ = 0;
  CaptionId last_caption_id_ = 0;
};

}  // namespace tandem

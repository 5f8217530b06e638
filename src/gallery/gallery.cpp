#include "gallery/gallery.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/fail.h"
#include "gallery/creation.h"
#include "gallery/hole_rows.h"
#include "gallery/image_search.h"
#include "index/exact_scan.h"

namespace tandem {
namespace gallery {
namespace {

// Orders records that have an id or a key by it, for searching them.
template <typename Records, typename Key, typename Get>
auto lower_by(const Records& records, const Key& key, Get get) {
  return std::lower_bound(records.begin(), records.end(), key,
                          [&](const auto& record, const Key& wanted) { return get(record) < wanted; });
}

class GallerySnapshot final : public Gallery {
 public:
  GallerySnapshot(const FileSystem& files, const std::filesystem::path& folder)
      : state_(read_gallery_state(files, folder)),
        images_(state_.segments, state_.contents.images, state_.manifest.embedding_rows),
        captions_(state_.segments, state_.contents.captions),
        search_(files, state_.folder, state_.manifest, state_.contents.state, images_) {
    CatalogueContents& contents = state_.contents;
    for (const auto& folder_record : contents.folders) {
      folders_[folder_record.id] = absolute_folder(state_.folder, folder_record.folder);
    }
    for (auto& image : contents.images) {
      image.record.path = folders_.at(image.folder) / image.name;
    }
    for (const auto& caption : contents.captions) {
      captions_by_image_.emplace_back(caption.record.image, caption.record.id);
    }
    std::sort(captions_by_image_.begin(), captions_by_image_.end());
    info_ = gallery_info(state_.manifest, state_.folder);
    info_.images = contents.images.size();
    info_.captions = contents.captions.size();
    info_.skipped = contents.skipped.size();
    info_.bytes = bytes_of_files(files, state_.folder);
    info_.approximate = approximate_index(files, state_.folder, state_.manifest);
    info_.hole_bytes = HoleRows(contents.segments, contents.holes).bytes(state_.manifest);
  }

  const GalleryInfo& info() const override { return info_; }

  std::vector<ImageRecord> images() const override {
    std::vector<ImageRecord> records;
    for (const auto& image : state_.contents.images) records.push_back(image.record);
    return records;
  }

  ImageRecord image(ImageId id) const override { return stored_image(id).record; }

  CaptionRecord caption(CaptionId id) const override {
    const auto& captions = state_.contents.captions;
    const auto found = lower_by(captions, id, [](const StoredCaption& one) { return one.record.id; });
    if (found == captions.end() || found->record.id != id) {
      fail(ErrorCode::kNotFound, "{}: there is no caption with id {}", state_.folder.string(), id);
    }
    return found->record;
  }

  std::vector<CaptionRecord> captions_of(ImageId id) const override {
    stored_image(id);
    std::vector<CaptionRecord> records;
    auto at = lower_by(captions_by_image_, id, [](const auto& pair) { return pair.first; });
    for (; at != captions_by_image_.end() && at->first == id; ++at) records.push_back(caption(at->second));
    return records;
  }

  std::vector<SkippedRecord> skipped() const override {
    std::vector<SkippedRecord> records;
    for (const auto& skip : state_.contents.skipped) {
      records.push_back(skip.record);
      records.back().path = folders_.at(skip.folder) / skip.name;
    }
    std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return records;
  }

  Matrix embedding(ImageId id) const override {
    stored_image(id);
    return images_.embedding(id);
  }

  Matrix tokens(ImageId id) const override {
    const StoredImage& image = stored_image(id);
    if (info_.tokens == TokenStorage::kNone) {
      fail(ErrorCode::kUnsupported,
           "{}: stores no image tokens; index into a new gallery with fp16 or int8 tokens",
           state_.folder.string());
    }
    return state_.segments.at(image.tokens.segment).decode(image.tokens, fmt::format("picture {}", id));
  }

  std::vector<std::vector<ScoredId>> nearest_images(MatrixView queries, std::size_t k) const override {
    index::require_search(queries, info_.dimension, k);
    return search_.nearest(queries, k);
  }

  std::vector<std::vector<ScoredId>> nearest_captions(MatrixView queries, std::size_t k) const override {
    index::require_search(queries, info_.dimension, k);
    return captions_.nearest(queries, k);
  }

 private:
  const StoredImage& stored_image(ImageId id) const {
    const auto& images = state_.contents.images;
    const auto found = lower_by(images, id, [](const StoredImage& one) { return one.record.id; });
    if (found == images.end() || found->record.id != id) {
      fail(ErrorCode::kNotFound, "{}: there is no picture with id {}", state_.folder.string(), id);
    }
    return *found;
  }

  GalleryState state_;
  EmbeddingTable images_;
  EmbeddingTable captions_;
  ImageSearch search_;
  std::unordered_map<std::int64_t, std::filesystem::path> folders_;
  std::vector<std::pair<ImageId, CaptionId>> captions_by_image_;
  GalleryInfo info_;
};

}  // namespace

std::shared_ptr<const Gallery> open_gallery(const FileSystem& files, const std::filesystem::path& folder) {
  return std::make_shared<GallerySnapshot>(files, folder);
}

}  // namespace gallery

const char* to_string(TokenStorage storage) noexcept {
  switch (storage) {
    case TokenStorage::kNone:
      return "none";
    case TokenStorage::kFp16:
      return "fp16";
    case TokenStorage::kInt8:
      return "int8";
  }
  return "none";
}

TokenStorage parse_token_storage(const std::string& name) {
  for (const TokenStorage storage : {TokenStorage::kNone, TokenStorage::kFp16, TokenStorage::kInt8}) {
    if (name == to_string(storage)) return storage;
  }
  fail(ErrorCode::kInvalidArgument, "token storage \"{}\" is unknown; use fp16, int8 or none", name);
}

TokenBudget parse_token_budget(const std::string& text) {
  const std::size_t colon = text.find(':');
  TokenBudget budget{.storage = parse_token_storage(text.substr(0, colon))};
  if (colon == text.npos) return budget;
  const std::string number = text.substr(colon + 1);
  std::from_chars(number.data(), number.data() + number.size(), budget.max_tokens);
  const bool in_range =
      budget.max_tokens >= gallery::kLeastMaxTokens && budget.max_tokens <= gallery::kMostMaxTokens;
  // The text once more: what stands behind the number, or a number of another look, is none.
  if (budget.storage == TokenStorage::kNone || !in_range || to_string(budget) != text) {
    fail(ErrorCode::kInvalidArgument,
         "token storage \"{}\" is unknown; use fp16:N or int8:N, with N from {} to {}, for at most N image "
         "tokens of a picture",
         text, gallery::kLeastMaxTokens, gallery::kMostMaxTokens);
  }
  return budget;
}

std::string to_string(const TokenBudget& budget) {
  const std::string storage = to_string(budget.storage);
  return budget.max_tokens == 0 ? storage : fmt::format("{}:{}", storage, budget.max_tokens);
}

std::shared_ptr<const Gallery> Gallery::open(const std::filesystem::path& folder) {
  return gallery::open_gallery(FileSystem::system(), folder);
}

std::optional<GalleryInfo> Gallery::peek(const std::filesystem::path& folder) {
  const FileSystem& files = FileSystem::system();
  const std::filesystem::path normal = gallery::gallery_folder(folder);
  if (!gallery::has_manifest(files, normal)) return std::nullopt;
  const gallery::Manifest manifest = gallery::read_manifest(files, normal);
  GalleryInfo info = gallery::gallery_info(manifest, normal);
  info.approximate = gallery::approximate_index(files, normal, manifest);
  return info;
}

void Gallery::require_model(const ModelInfo& model) const { gallery::require_same_model(info(), model); }

void Gallery::require_reranker(const ModelInfo& reranker) const {
  gallery::require_same_reranker(info(), reranker);
}

}  // namespace tandem

#include "indexing/caption_encoder.h"

#include <set>
#include <string>
#include <utility>

namespace tandem::indexing {
namespace {

NewCaption new_caption(const Text& text, std::span<const float> embedding) {
  return {text, {embedding.begin(), embedding.end()}};
}

}  // namespace

std::vector<std::vector<NewCaption>> encode_captions(std::span<const ImageRecord> images,
                                                     const Captions& captions, const BiEncoder& encoder,
                                                     std::stop_token stop) {
  std::vector<Text> texts;
  for (const ImageRecord& image : images) {
    const auto& more = captions.of(image.path);
    texts.insert(texts.end(), more.begin(), more.end());
  }
  std::vector<std::vector<NewCaption>> encoded(images.size());
  if (texts.empty()) return encoded;
  const Matrix embeddings = encoder.embed_texts(texts, std::move(stop));
  std::size_t row = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (const Text& text : captions.of(images[i].path)) {
      encoded[i].push_back(new_caption(text, embeddings.row(row++)));
    }
  }
  return encoded;
}

std::size_t add_late_captions(GalleryWriter& writer, const Gallery& committed,
                              std::span<const std::filesystem::path> pictures, const Captions& captions,
                              const BiEncoder& encoder, std::stop_token stop) {
  const std::set<std::filesystem::path> wanted(pictures.begin(), pictures.end());
  std::vector<ImageId> owners;
  std::vector<Text> texts;
  for (const ImageRecord& image : committed.images()) {
    if (!wanted.contains(image.path)) continue;
    std::set<std::pair<std::string, std::string>> known;
    for (const CaptionRecord& caption : committed.captions_of(image.id)) {
      known.emplace(caption.text.text, caption.text.language);
    }
    for (const Text& text : captions.of(image.path)) {
      if (!known.emplace(text.text, text.language).second) continue;
      owners.push_back(image.id);
      texts.push_back(text);
    }
  }
  if (texts.empty()) return 0;
  const Matrix embeddings = encoder.embed_texts(texts, std::move(stop));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    writer.add_caption(owners[i], new_caption(texts[i], embeddings.row(i)));
  }
  return texts.size();
}

}  // namespace tandem::indexing

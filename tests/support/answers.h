// Everything that a gallery answers, as text: two galleries are alike where these are equal.
//
// Free functions.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "support/vectors.h"
#include "tandem/gallery.h"

namespace tandem {

inline std::string text_of(const Matrix& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) text += fmt::format("{} ", values.data()[i]);
  return text;
}

inline std::string text_of(const std::vector<std::vector<ScoredId>>& lists) {
  std::string text;
  for (const auto& hits : lists) {
    for (const auto& hit : hits) text += fmt::format("{}:{} ", hit.id, hit.score);
    text += '\n';
  }
  return text;
}

// Its pictures, captions and skipped files, with their vectors.
inline std::string records_of(const Gallery& gallery) {
  const GalleryInfo& info = gallery.info();
  std::string text =
      fmt::format("{} images, {} captions, {} skipped\n", info.images, info.captions, info.skipped);
  for (const auto& image : gallery.images()) {
    text +=
        fmt::format("{} {} {} {} {}x{} {} {}\n", image.id, image.path.string(), image.stamp.bytes,
                    image.stamp.modified_ns, image.width, image.height, image.content_hash, image.metadata);
    for (const auto& caption : gallery.captions_of(image.id)) {
      text += fmt::format("  {} {} {}\n", caption.id, caption.text.text, caption.text.language);
    }
    text += text_of(gallery.embedding(image.id)) + '\n';
    if (info.tokens != TokenStorage::kNone) text += text_of(gallery.tokens(image.id)) + '\n';
  }
  for (const auto& skip : gallery.skipped()) {
    text +=
        fmt::format("{} {} {} {}\n", skip.path.string(), skip.stamp.bytes, to_string(skip.code), skip.reason);
  }
  return text;
}

inline std::string answers_of(const Gallery& gallery) {
  const GalleryInfo& info = gallery.info();
  const Matrix queries = random_vectors(3, info.dimension, 4);
  return info.index_spec + info.model.path.string() + '\n' + records_of(gallery) +
         text_of(gallery.nearest_images(queries, 3)) + text_of(gallery.nearest_images(queries, 100)) +
         text_of(gallery.nearest_captions(queries, 100));
}

inline std::string answers_of(const std::filesystem::path& folder) {
  return answers_of(*Gallery::open(folder));
}

}  // namespace tandem

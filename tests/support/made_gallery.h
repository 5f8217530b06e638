// Galleries of made-up pictures, without a model.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "core/file_system.h"
#include "gallery/gallery.h"
#include "support/vectors.h"
#include "tandem/gallery_writer.h"

namespace tandem {

inline ModelInfo made_model(std::size_t embedding_rows = 1) {
  ModelInfo model;
  model.family = "made-up";
  model.path = "/models/made-up";
  model.capabilities = {true, true, true};
  model.embedding_dim = 12;
  model.embedding_rows = embedding_rows;
  model.max_image_tokens = 5;
  model.image_token_width = 7;
  model.weights_fingerprint = "w0";
  model.preprocessing_fingerprint = "p0";
  return model;
}

// One that matches and does not embed: the second of two models.
inline ModelInfo made_reranker() {
  ModelInfo model = made_model();
  model.family = "made-up-reranker";
  model.path = "/models/reranker";
  model.capabilities = {false, false, true};
  model.embedding_dim = 0;
  model.weights_fingerprint = "w9";
  model.preprocessing_fingerprint = "p9";
  return model;
}

// Picture number `n`: all that it has follows from `n`, and no two are alike.
inline NewImage made_image(const std::filesystem::path& folder, std::uint32_t n,
                           std::size_t embedding_rows = 1) {
  NewImage image;
  image.record.path = folder / fmt::format("{:05}.jpg", n);
  image.record.stamp = {1000 + n, 1'700'000'000'000'000'000 + n};
  image.record.content_hash = fmt::format("{:032x}", n);
  image.record.width = 640 + n;
  image.record.height = 480 + n;
  image.record.metadata = fmt::format("{{\"n\":{}}}", n);
  image.encoded.embedding = random_vectors(embedding_rows, 12, 1000 + n);
  image.encoded.tokens = random_vectors(1 + n % 5, 7, 2000 + n);
  for (std::uint32_t i = 0; i < n % 3; ++i) {
    const Matrix embedding = random_vectors(1, 12, 3000 + 3 * n + i);
    image.captions.push_back({Text(fmt::format("caption {} of {}", i, n), "en"),
                              {embedding.row(0).begin(), embedding.row(0).end()}});
  }
  return image;
}

// Adds pictures [first, first + count) and commits.
inline void add_images(GalleryWriter& writer, const std::filesystem::path& folder, std::uint32_t first,
                       std::uint32_t count) {
  for (std::uint32_t n = first; n < first + count; ++n)
    writer.add(made_image(folder, n, writer.info().embedding_rows));
  writer.commit();
}

}  // namespace tandem

// The second stage: the cross-encoder reads the query and each candidate together.
//
// Immutable: const methods may be called from many threads; the gallery must outlive the reranker.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "retrieval/token_source.h"
#include "tandem/encoders.h"
#include "tandem/gallery.h"

namespace tandem::retrieval {

class Reranker {
 public:
  // Throws Unsupported if the model has no matching head.
  Reranker(const Gallery& gallery, std::shared_ptr<const Model> model, std::size_t batch_size);

  // Match logits of a text with pictures of the gallery, in the order of `images`. The tokens of one batch
  // at a time are in memory. Throws what CrossEncoder throws, and NotFound where the gallery stores no
  // tokens and a picture's file is gone.
  std::vector<float> score_images(const Text& text, std::span<const ImageId> images,
                                  const std::stop_token& stop) const;

  // Match logits of a picture with texts, in the order of `texts`.
  std::vector<float> score_texts(const Picture& image, std::span<const Text> texts,
                                 const std::stop_token& stop) const;

 private:
  CrossEncoder cross_encoder_;
  TokenSource tokens_;
  std::size_t batch_size_;
};

}  // namespace tandem::retrieval

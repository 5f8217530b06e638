#include "retrieval/reranker.h"

#include <utility>

#include "encoders/checks.h"

namespace tandem::retrieval {

Reranker::Reranker(const Gallery& gallery, std::shared_ptr<const Model> model, std::size_t batch_size)
    : cross_encoder_(std::move(model), {.batch_size = batch_size}),
      tokens_(gallery, cross_encoder_, batch_size,
              "remove the picture from the gallery, or search without reranking"),
      batch_size_(batch_size) {}

std::vector<float> Reranker::score_images(const Text& text, std::span<const ImageId> images,
                                          const std::stop_token& stop) const {
  std::vector<float> logits;
  logits.reserve(images.size());
  encoders::for_each_batch(images.size(), batch_size_, stop, [&](std::size_t first, std::size_t count) {
    const std::vector<Matrix> tokens = tokens_.load(images.subspan(first, count), stop);
    const std::vector<MatrixView> views(tokens.begin(), tokens.end());
    const std::vector<float> scores = cross_encoder_.score(text, views, stop);
    logits.insert(logits.end(), scores.begin(), scores.end());
  });
  return logits;
}

std::vector<float> Reranker::score_texts(const Picture& image, std::span<const Text> texts,
                                         const std::stop_token& stop) const {
  if (texts.empty()) return {};
  const std::vector<Matrix> tokens = cross_encoder_.image_tokens({&image, 1}, stop);
  return cross_encoder_.score_texts(texts, tokens.front(), stop);
}

}  // namespace tandem::retrieval

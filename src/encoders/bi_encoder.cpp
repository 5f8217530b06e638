#include <utility>

#include "encoders/capabilities.h"
#include "encoders/checks.h"
#include "tandem/encoders.h"

namespace tandem {

using namespace encoders;  // NOLINT: the room's own helpers

BiEncoder::BiEncoder(std::shared_ptr<const Model> model, EncoderOptions options)
    : model_(require_model(std::move(model))), options_(options) {
  options_.validate();
  require_embedding(model_->info());
}

Matrix BiEncoder::embed_texts(std::span<const Text> texts, std::stop_token stop) const {
  require_text_embedding(model_->info());
  std::vector<TokenIds> tokens;
  tokens.reserve(texts.size());
  for (const Text& text : texts) tokens.push_back(model_->tokenizer().encode(text.text));
  const auto order = order_by_length(tokens, [](const TokenIds& ids) { return ids.size(); });

  Matrix result(texts.size(), dimension());
  for_each_batch(texts.size(), options_.batch_size, stop, [&](std::size_t first, std::size_t count) {
    std::vector<TokenIds> batch;
    for (std::size_t i = 0; i < count; ++i) batch.push_back(std::move(tokens[order[first + i]]));
    const Matrix embedded = model_->embed_texts(batch);
    require_count(embedded.size(), count * dimension(), *model_);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = order[first + i];
      require_finite(embedded.row(i), *model_, name_text(at, texts[at]));
      std::ranges::copy(embedded.row(i), result.row(at).begin());
    }
  });
  return result;
}

std::vector<Matrix> BiEncoder::embed_images(std::span<const Image> images, std::stop_token stop) const {
  require_image_embedding(model_->info());
  return encode(*model_, images, &EncodedImage::embedding, options_.batch_size, stop);
}

std::vector<Matrix> BiEncoder::embed_images(std::span<const Picture> pictures, std::stop_token stop) const {
  require_image_embedding(model_->info());
  return encode(*model_, pictures, &EncodedImage::embedding, options_.batch_size, stop);
}

}  // namespace tandem

#include <cmath>
#include <utility>

#include "core/fail.h"
#include "encoders/capabilities.h"
#include "encoders/checks.h"
#include "tandem/encoders.h"

namespace tandem {

using namespace encoders;  // NOLINT: the room's own helpers

namespace {

// Stored tokens may come from another model: reading them with this one would give nonsense.
void check_shape(const MatrixView& tokens, const ModelInfo& info, const std::string& name) {
  if (tokens.columns() == info.image_token_width && tokens.rows() >= 1 &&
      tokens.rows() <= info.max_image_tokens) {
    return;
  }
  fail(ErrorCode::kInvalidArgument,
       "{}: {} has {} tokens of width {}, wanted 1 to {} of width {}; compute them with this model",
       info.path.string(), name, tokens.rows(), tokens.columns(), info.max_image_tokens,
       info.image_token_width);
}

}  // namespace

CrossEncoder::CrossEncoder(std::shared_ptr<const Model> model, EncoderOptions options)
    : model_(require_model(std::move(model))), options_(options) {
  options_.validate();
  require_match(model_->info());
}

std::vector<Matrix> CrossEncoder::image_tokens(std::span<const Image> images, std::stop_token stop) const {
  return encode(*model_, images, &EncodedImage::tokens, options_.batch_size, stop);
}

std::vector<Matrix> CrossEncoder::image_tokens(std::span<const Picture> pictures,
                                               std::stop_token stop) const {
  return encode(*model_, pictures, &EncodedImage::tokens, options_.batch_size, stop);
}

std::vector<float> CrossEncoder::score(const Text& text, std::span<const MatrixView> image_tokens,
                                       std::stop_token stop) const {
  for (std::size_t i = 0; i < image_tokens.size(); ++i) {
    check_shape(image_tokens[i], model_->info(), name_picture(i, image_tokens.size()));
  }
  const TokenIds ids = model_->tokenizer().encode(text.text);
  const auto order = order_by_length(image_tokens, [](const MatrixView& tokens) { return tokens.rows(); });

  std::vector<float> result(image_tokens.size());
  for_each_batch(image_tokens.size(), options_.batch_size, stop, [&](std::size_t first, std::size_t count) {
    std::vector<MatrixView> batch;
    for (std::size_t i = 0; i < count; ++i) batch.push_back(image_tokens[order[first + i]]);
    const std::vector<float> logits = model_->match(ids, batch);
    require_count(logits.size(), count, *model_);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = order[first + i];
      require_finite({&logits[i], 1}, *model_,
                     name_picture(at, image_tokens.size()) + " with " + name_text(0, text));
      result[at] = logits[i];
    }
  });
  return result;
}

std::vector<float> CrossEncoder::score_texts(std::span<const Text> texts, MatrixView image_tokens,
                                             std::stop_token stop) const {
  check_shape(image_tokens, model_->info(), name_picture(0, 1));
  std::vector<float> result;
  result.reserve(texts.size());
  for_each_batch(texts.size(), options_.batch_size, stop, [&](std::size_t first, std::size_t count) {
    std::vector<TokenIds> ids;
    std::vector<MatchPair> pairs;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(model_->tokenizer().encode(texts[first + i].text));
      pairs.push_back({.text = i, .image = 0});
    }
    const std::vector<float> logits = model_->match_pairs(ids, {&image_tokens, 1}, pairs);
    require_count(logits.size(), count, *model_);
    for (std::size_t i = 0; i < count; ++i) {
      require_finite({&logits[i], 1}, *model_,
                     name_picture(0, 1) + " with " + name_text(first + i, texts[first + i]));
      result.push_back(logits[i]);
    }
  });
  return result;
}

std::vector<float> CrossEncoder::score(const Text& text, std::span<const Image> images,
                                       std::stop_token stop) const {
  const std::vector<Matrix> tokens = image_tokens(images, stop);
  return score(text, std::vector<MatrixView>(tokens.begin(), tokens.end()), stop);
}

std::vector<float> CrossEncoder::score(const Text& text, std::span<const Picture> pictures,
                                       std::stop_token stop) const {
  const std::vector<Matrix> tokens = image_tokens(pictures, stop);
  return score(text, std::vector<MatrixView>(tokens.begin(), tokens.end()), stop);
}

namespace {

float probability_of(float log_odds) {
  // exp() of a negative number only: it never overflows.
  const float small = std::exp(-std::abs(log_odds));
  return log_odds >= 0 ? 1 / (1 + small) : small / (1 + small);
}

}  // namespace

float match_probability(float logit, const Calibration& calibration) {
  return probability_of(calibration.scale * logit + calibration.bias);
}

double match_score(float logit, float similarity, const Calibration& calibration) {
  if (!calibration.fused) return logit;
  const Calibration::Fused& fused = *calibration.fused;
  return static_cast<double>(fused.logit) * logit + static_cast<double>(fused.similarity) * similarity +
         fused.bias;
}

float match_probability(float logit, float similarity, const Calibration& calibration) {
  if (!calibration.fused) return match_probability(logit, calibration);
  return probability_of(static_cast<float>(match_score(logit, similarity, calibration)));
}

}  // namespace tandem

// The two encoders over one shared model.
//
// Both hold a shared_ptr to the model and add batching, order, checks and cancellation. They are
// immutable: const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "tandem/matrix.h"
#include "tandem/model.h"
#include "tandem/text.h"

namespace tandem {

struct EncoderOptions {
  std::size_t batch_size = 16;  // images or texts in one forward pass; raise it where memory allows
  void validate() const;        // InvalidArgument if batch_size is 0
};

// Embeds texts and images on their own (EMB in Geigle et al., 2022).
class BiEncoder {
 public:
  // Throws Unsupported if the model embeds neither texts nor images.
  explicit BiEncoder(std::shared_ptr<const Model> model, EncoderOptions options = {});

  const Model& model() const { return *model_; }
  std::size_t dimension() const { return model_->info().embedding_dim; }

  // texts × dimension, rows of length 1, in input order. Throws Unsupported, InvalidArgument (invalid
  // UTF-8), Backend (a value that is not finite), Cancelled.
  Matrix embed_texts(std::span<const Text> texts, std::stop_token stop = {}) const;

  // One matrix of embedding_rows × dimension for each image, in input order.
  std::vector<Matrix> embed_images(std::span<const Image> images, std::stop_token stop = {}) const;
  std::vector<Matrix> embed_images(std::span<const Picture> pictures, std::stop_token stop = {}) const;

 private:
  std::shared_ptr<const Model> model_;
  EncoderOptions options_;
};

// Reads a text and an image together and says how well they match (CE in Geigle et al., 2022).
class CrossEncoder {
 public:
  // Throws Unsupported if the model has no matching head.
  explicit CrossEncoder(std::shared_ptr<const Model> model, EncoderOptions options = {});

  const Model& model() const { return *model_; }

  // What score() needs of each image, computed once: tokens × width.
  std::vector<Matrix> image_tokens(std::span<const Image> images, std::stop_token stop = {}) const;
  std::vector<Matrix> image_tokens(std::span<const Picture> pictures, std::stop_token stop = {}) const;

  // Match logits (log-odds) of the text with each image, in input order; from stored tokens or from
  // pictures, which agree to 1e-4. No images gives no scores.
  std::vector<float> score(const Text& text, std::span<const MatrixView> image_tokens,
                           std::stop_token stop = {}) const;
  std::vector<float> score(const Text& text, std::span<const Image> images, std::stop_token stop = {}) const;
  std::vector<float> score(const Text& text, std::span<const Picture> pictures,
                           std::stop_token stop = {}) const;

  // The same of several texts with one image, in the order of the texts.
  std::vector<float> score_texts(std::span<const Text> texts, MatrixView image_tokens,
                                 std::stop_token stop = {}) const;

 private:
  std::shared_ptr<const Model> model_;
  EncoderOptions options_;
};

// 1 / (1 + exp(-(scale * logit + bias))), without overflow. `calibration`: that of the model that gave the
// logit (ModelInfo); without it the logit is taken for the log-odds.
float match_probability(float logit, const Calibration& calibration = {});

// What candidates of a search are ordered by: the log-odds of logit and cosine together where the calibration
// has them, else the logit as it is.
double match_score(float logit, float similarity, const Calibration& calibration);
// By both where the calibration has them, else by the logit alone.
float match_probability(float logit, float similarity, const Calibration& calibration);

}  // namespace tandem

// The input layer of BERT and its kin: tokens become vectors.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>

#include "nn/dropout.h"
#include "nn/layers.h"

namespace tandem::nn {

struct TextEmbeddingsConfig {
  std::int64_t width = 0;
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;
  std::int64_t types = 0;  // kinds of segments, of which a plain text is the first; 0: none
  double eps = 1e-12;      // of the layer norm
  // RoBERTa: positions count the tokens other than this one and begin behind its id. None: from 0 on.
  std::optional<std::int64_t> padding_id = {};

  // Tokens that have a position.
  std::int64_t max_tokens() const { return positions - (padding_id ? *padding_id + 1 : 0); }
};

// norm(word + position + type)
class TextEmbeddingsImpl : public DroppingModule {
 public:
  explicit TextEmbeddingsImpl(const TextEmbeddingsConfig& config);
  // ids: batch × tokens, int64, at most max_tokens() of them. Returns batch × tokens × width.
  at::Tensor forward(const at::Tensor& ids) const;

 private:
  at::Tensor position_rows(const at::Tensor& ids) const;

  std::optional<std::int64_t> padding_id_;
  Vocabulary words_ = nullptr;
  Embedding positions_ = nullptr;
  Embedding types_ = nullptr;
  LayerNorm norm_ = nullptr;
};
TORCH_MODULE(TextEmbeddings);

}  // namespace tandem::nn

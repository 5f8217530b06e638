#include "nn/text_embeddings.h"

namespace tandem::nn {

TextEmbeddingsImpl::TextEmbeddingsImpl(const TextEmbeddingsConfig& config) : padding_id_(config.padding_id) {
  words_ = register_module("words", Vocabulary(config.vocabulary, config.width));
  positions_ = register_module("positions", Embedding(config.positions, config.width));
  if (config.types > 0) types_ = register_module("types", Embedding(config.types, config.width));
  norm_ = register_module("norm", LayerNorm(config.width, config.eps));
}

at::Tensor TextEmbeddingsImpl::forward(const at::Tensor& ids) const {
  at::Tensor x = words_->forward(ids) + position_rows(ids);
  if (!types_.is_empty()) x = x + types_->weight[0];
  return drop(norm_->forward(x));
}

at::Tensor TextEmbeddingsImpl::position_rows(const at::Tensor& ids) const {
  if (!padding_id_) return positions_->weight.slice(0, 0, ids.size(1));
  const at::Tensor counted = ids.ne(*padding_id_).to(at::kLong);
  return positions_->forward(counted.cumsum(1) * counted + *padding_id_);
}

}  // namespace tandem::nn

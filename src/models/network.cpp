#include "models/network.h"

#include "core/fail.h"

namespace tandem::models {

at::Tensor tokens_of(const ImageStates& states, std::int64_t picture) {
  const at::Tensor tokens = states.tokens[picture];
  if (!states.token_counts.defined()) return tokens;
  return tokens.slice(0, 0, states.token_counts[picture].item<std::int64_t>());
}

at::Tensor Network::embed_texts(const at::Tensor&) const {
  fail(ErrorCode::kUnsupported, "this model has no text embeddings");
}

at::Tensor Network::match(const at::Tensor&, const at::Tensor&) const {
  fail(ErrorCode::kUnsupported, "this model has no matching head");
}

ImageBatch Network::read_tower(const ImageBatch&) const {
  fail(ErrorCode::kUnsupported, "this model has no tower that could be computed by itself");
}

}  // namespace tandem::models

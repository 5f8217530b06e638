#include "models/network.h"

#include "core/fail.h"

namespace tandem::models {

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

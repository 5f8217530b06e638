#include "tandem/shared_passes.h"

#include <utility>

#include "core/fail.h"
#include "encoders/checks.h"
#include "encoders/sharing_model.h"

namespace tandem {

void SharedPassOptions::validate() const {
  if (window.count() < 0 || window > std::chrono::hours(1)) {
    fail(ErrorCode::kInvalidArgument, "window is {} microseconds: give 0 to one hour; 0 is the default",
         window.count());
  }
  if (max_texts == 0 || max_pairs == 0) {
    fail(ErrorCode::kInvalidArgument, "{} is 0: give at least 1; 64 is the default",
         max_texts == 0 ? "max_texts" : "max_pairs");
  }
}

namespace encoders {

SharingModel::SharingModel(std::shared_ptr<const Model> model, const SharedPassOptions& options)
    : model_(std::move(model)),
      embeddings_(options.window, options.max_texts),
      matches_(options.window, options.max_pairs) {}

Matrix SharingModel::embed_texts(std::span<const TokenIds> texts) const {
  EmbedTextsCall call(texts);
  embeddings_.run(*model_, call);
  return std::move(call.embeddings);
}

std::vector<float> SharingModel::match_pairs(std::span<const TokenIds> texts,
                                             std::span<const MatrixView> image_tokens,
                                             std::span<const MatchPair> pairs) const {
  MatchPairsCall call(texts, image_tokens, pairs);
  matches_.run(*model_, call);
  return std::move(call.logits);
}

}  // namespace encoders

std::shared_ptr<const Model> share_passes(std::shared_ptr<const Model> model, SharedPassOptions options) {
  options.validate();
  return std::make_shared<const encoders::SharingModel>(encoders::require_model(std::move(model)), options);
}

}  // namespace tandem

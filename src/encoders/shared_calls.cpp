#include "encoders/shared_calls.h"

#include <algorithm>

#include "core/fail.h"
#include "encoders/checks.h"

namespace tandem::encoders {
namespace {

template <typename T>
void append(std::vector<T>& all, std::span<const T> some) {
  all.insert(all.end(), some.begin(), some.end());
}

Matrix copy_of(const MatrixView& view) {
  Matrix copy(view.rows(), view.columns());
  std::copy_n(view.data(), view.size(), copy.data());
  return copy;
}

// A place behind a call's own list would be in that of the next call.
void require_places(const MatchPairsCall& call) {
  for (const MatchPair& pair : call.pairs) {
    if (pair.text < call.texts.size() && pair.image < call.image_tokens.size()) continue;
    fail(ErrorCode::kInvalidArgument, "a pair of text {} and image {}; there are {} and {}, counted from 0",
         pair.text, pair.image, call.texts.size(), call.image_tokens.size());
  }
}

}  // namespace

void EmbedTextsCall::run_together(const Model& model, const std::list<EmbedTextsCall*>& calls) {
  std::vector<TokenIds> texts;
  for (const EmbedTextsCall* call : calls) append(texts, call->texts);
  const Matrix embedded = model.embed_texts(texts);
  require_count(embedded.rows(), texts.size(), model);
  std::size_t first = 0;
  for (EmbedTextsCall* call : calls) {
    call->embeddings = copy_of(embedded.view().rows(first, call->inputs()));
    first += call->inputs();
  }
}

void MatchPairsCall::run_together(const Model& model, const std::list<MatchPairsCall*>& calls) {
  std::vector<TokenIds> texts;
  std::vector<MatrixView> image_tokens;
  std::vector<MatchPair> pairs;
  for (const MatchPairsCall* call : calls) {
    require_places(*call);
    for (const MatchPair& pair : call->pairs) {
      pairs.push_back({.text = texts.size() + pair.text, .image = image_tokens.size() + pair.image});
    }
    append(texts, call->texts);
    append(image_tokens, call->image_tokens);
  }
  const std::vector<float> logits = model.match_pairs(texts, image_tokens, pairs);
  require_count(logits.size(), pairs.size(), model);
  auto next = logits.begin();
  for (MatchPairsCall* call : calls) {
    const auto first = next;
    next += static_cast<std::ptrdiff_t>(call->inputs());
    call->logits.assign(first, next);
  }
}

}  // namespace tandem::encoders

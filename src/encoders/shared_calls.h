// The calls of a model that can share a pass: what they read, and their results.
//
// A call belongs to one thread at a time: its caller's, or that of the one who runs its group.
#pragma once

#include <cstddef>
#include <list>
#include <span>
#include <vector>

#include "encoders/pass_queue.h"
#include "tandem/matrix.h"
#include "tandem/model.h"

namespace tandem::encoders {

struct EmbedTextsCall : QueuedCall {
  explicit EmbedTextsCall(std::span<const TokenIds> of) : texts(of) {}

  std::size_t inputs() const { return texts.size(); }
  void run(const Model& model) { embeddings = model.embed_texts(texts); }
  static void run_together(const Model& model, const std::list<EmbedTextsCall*>& calls);

  std::span<const TokenIds> texts;
  Matrix embeddings;
};

struct MatchPairsCall : QueuedCall {
  MatchPairsCall(std::span<const TokenIds> of, std::span<const MatrixView> with,
                 std::span<const MatchPair> places)
      : texts(of), image_tokens(with), pairs(places) {}

  std::size_t inputs() const { return pairs.size(); }
  void run(const Model& model) { logits = model.match_pairs(texts, image_tokens, pairs); }
  static void run_together(const Model& model, const std::list<MatchPairsCall*>& calls);

  std::span<const TokenIds> texts;
  std::span<const MatrixView> image_tokens;
  std::span<const MatchPair> pairs;
  std::vector<float> logits;
};

}  // namespace tandem::encoders

// The Unigram model: the cut of a text into pieces whose scores (log probabilities) have the largest sum.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tandem/text.h"
#include "text/vocabulary.h"

namespace tandem::text {

class Unigram {
 public:
  // `scores`: one for each id, finite.
  Unigram(Vocabulary vocabulary, std::vector<double> scores, std::int32_t unknown_id);

  // Appends the ids; neighbouring unknown characters become one unknown piece.
  void encode(std::string_view text, TokenIds& ids) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  Vocabulary vocabulary_;
  std::vector<double> scores_;
  std::int32_t unknown_id_;
  double unknown_score_;
};

}  // namespace tandem::text

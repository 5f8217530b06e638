// The Unigram model: the cut of a text into pieces whose scores (log probabilities) have the largest sum.
//
// Immutable; const methods may be called from many threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/vocabulary.h"

namespace tandem::text {

// How much worse than the worst piece an unknown character is; SentencePiece's figure.
inline constexpr double kUnknownPenalty = 10.0;

// Sums that are equal on paper ("ee" + "e" and "e" + "ee") are decided by rounding. So Score is the type in
// which the reference adds: float in SentencePiece, double in the `tokenizers` library.
template <typename Score>
class Unigram {
 public:
  // `scores`: one for each id, finite.
  Unigram(Vocabulary vocabulary, std::vector<Score> scores, std::int32_t unknown_id, Score unknown_score);

  // Bytes [begin, end) of the text; a character that no piece covers is one piece of the unknown id.
  struct Piece {
    std::int32_t id;
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Piece> cut(std::string_view text) const;

 private:
  Vocabulary vocabulary_;
  std::vector<Score> scores_;
  std::int32_t unknown_id_;
  Score unknown_score_;
};

extern template class Unigram<float>;
extern template class Unigram<double>;

}  // namespace tandem::text

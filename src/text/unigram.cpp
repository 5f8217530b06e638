#include "text/unigram.h"

#include <algorithm>
#include <utility>

#include "text/unicode.h"

namespace tandem::text {
namespace {

// The best way to reach one position of the text.
template <typename Score>
struct Step {
  std::int32_t id = -1;  // of the piece that ends here; below 0: not reached yet
  std::size_t begin = 0;
  Score score = 0;  // of the whole way

  // Of equals, the one that comes first stays: the longest.
  void offer(const Step& candidate) {
    if (id < 0 || candidate.score > score) *this = candidate;
  }
};

}  // namespace

template <typename Score>
Unigram<Score>::Unigram(Vocabulary vocabulary, std::vector<Score> scores, std::int32_t unknown_id,
                        Score unknown_score)
    : vocabulary_(std::move(vocabulary)),
      scores_(std::move(scores)),
      unknown_id_(unknown_id),
      unknown_score_(unknown_score) {}

template <typename Score>
std::vector<typename Unigram<Score>::Piece> Unigram<Score>::cut(std::string_view text) const {
  std::vector<Step<Score>> best(text.size() + 1);
  for (std::size_t begin = 0; begin < text.size();) {
    const Score score_here = best[begin].score;
    std::size_t next = begin;
    next_code_point(text, next);
    bool character_is_known = false;
    Vocabulary::Walk walk = vocabulary_.walk();
    for (std::size_t end = begin; end < text.size() && walk.advance(text[end++]);) {
      const auto id = walk.id();
      if (!id) continue;
      best[end].offer({*id, begin, scores_[static_cast<std::size_t>(*id)] + score_here});
      character_is_known = character_is_known || end == next;
    }
    if (!character_is_known) best[next].offer({unknown_id_, begin, unknown_score_ + score_here});
    begin = next;
  }

  std::vector<Piece> pieces;
  for (std::size_t end = text.size(); end > 0; end = best[end].begin) {
    pieces.push_back({best[end].id, best[end].begin, end});
  }
  std::ranges::reverse(pieces);
  return pieces;
}

template class Unigram<float>;
template class Unigram<double>;

}  // namespace tandem::text

#include "text/unigram.h"

#include <algorithm>
#include <utility>

#include "text/unicode.h"

namespace tandem::text {
namespace {

// How much worse than the worst piece an unknown character is; SentencePiece's figure.
constexpr double kUnknownPenalty = 10.0;

// The best way to reach one position of the text.
struct Step {
  std::int32_t id = -1;  // of the piece that ends here; below 0: not reached yet
  std::size_t begin = 0;
  double score = 0;  // of the whole way
};

void offer(Step& step, const Step& candidate) {
  // Of equals, the one that comes first stays: the longest.
  if (step.id < 0 || candidate.score > step.score) step = candidate;
}

}  // namespace

Unigram::Unigram(Vocabulary vocabulary, std::vector<double> scores, std::int32_t unknown_id)
    : vocabulary_(std::move(vocabulary)),
      scores_(std::move(scores)),
      unknown_id_(unknown_id),
      unknown_score_(std::ranges::min(scores_) - kUnknownPenalty) {}

void Unigram::encode(std::string_view text, TokenIds& ids) const {
  std::vector<Step> best(text.size() + 1);
  for (std::size_t begin = 0; begin < text.size();) {
    const double score_here = best[begin].score;
    std::size_t next = begin;
    next_code_point(text, next);
    bool character_is_known = false;
    Vocabulary::Walk walk = vocabulary_.walk();
    for (std::size_t end = begin; end < text.size() && walk.advance(text[end++]);) {
      const auto id = walk.id();
      if (!id) continue;
      offer(best[end], {*id, begin, scores_[static_cast<std::size_t>(*id)] + score_here});
      character_is_known = character_is_known || end == next;
    }
    if (!character_is_known) offer(best[next], {unknown_id_, begin, unknown_score_ + score_here});
    begin = next;
  }

  const auto first = static_cast<std::ptrdiff_t>(ids.size());
  bool after_unknown = false;
  for (std::size_t end = text.size(); end > 0; end = best[end].begin) {
    const bool unknown = best[end].id == unknown_id_;
    if (!(unknown && after_unknown)) ids.push_back(best[end].id);
    after_unknown = unknown;
  }
  std::reverse(ids.begin() + first, ids.end());
}

}  // namespace tandem::text

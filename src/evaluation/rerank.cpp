#include "evaluation/rerank.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tandem/encoders.h"

namespace tandem::evaluation {
namespace {

bool is_right(const Ranking& ranking, std::size_t number) {
  return std::ranges::find(ranking.right, number, &RightAnswer::number) != ranking.right.end();
}

// Whether a wrong candidate has the score of the one at `place`.
bool is_tied(const Ranking& ranking, std::span<const double> scores, std::size_t place) {
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == scores[place] && !is_right(ranking, ranking.shortlist[i].number)) return true;
  }
  return false;
}

}  // namespace

Answers rerank(const Ranking& ranking, std::span<const double> scores, std::size_t first) {
  std::vector<std::size_t> order(scores.size());  // places in the shortlist
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    return ranking.shortlist[a].number < ranking.shortlist[b].number;
  });

  Answers answers;
  QueryRanks& ranks = answers.ranks;
  ranks.relevant = ranking.relevant;
  ranks.candidates = ranking.candidates;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!is_right(ranking, ranking.shortlist[order[i]].number)) continue;
    if (ranks.ranks.empty()) ranks.tied = is_tied(ranking, scores, order[i]);
    ranks.ranks.push_back(i + 1);
  }
  for (const RightAnswer& answer : ranking.right) {
    if (answer.rank <= scores.size()) continue;  // it was on the shortlist
    if (ranks.ranks.empty()) ranks.tied = answer.tied;
    ranks.ranks.push_back(answer.rank);
  }
  for (std::size_t i = 0; i < std::min(first, ranking.shortlist.size()); ++i) {
    answers.first.push_back(ranking.shortlist[i < order.size() ? order[i] : i].number);
  }
  return answers;
}

double fused_score(float similarity, float logit, double lambda, const Calibration& calibration) {
  const double score = match_score(logit, similarity, calibration);
  if (lambda == 1) return score;
  // In double precision a sure match and a surer one differ where they are equal in single precision.
  const double log_odds =
      calibration.fused ? score : static_cast<double>(calibration.scale) * logit + calibration.bias;
  const double probability = 1 / (1 + std::exp(-log_odds));
  return (1 - lambda) * similarity + lambda * probability;
}

}  // namespace tandem::evaluation

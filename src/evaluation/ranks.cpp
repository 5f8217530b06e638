#include "evaluation/ranks.h"

#include <algorithm>
#include <cmath>

#include "core/fail.h"

namespace tandem {
namespace evaluation {

std::vector<RightAnswer> rank_answers(std::span<const float> scores, std::span<const std::size_t> right) {
  std::vector<RightAnswer> answers;
  for (const std::size_t place : right) {
    const float score = scores[place];
    RightAnswer answer{place, 1, false};
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (scores[i] > score) ++answer.rank;
      if (scores[i] != score || i == place) continue;
      if (i < place) ++answer.rank;
      if (!std::ranges::binary_search(right, i)) answer.tied = true;
    }
    answers.push_back(answer);
  }
  std::ranges::sort(answers, {}, &RightAnswer::rank);
  return answers;
}

}  // namespace evaluation

QueryRanks rank_scores(std::span<const float> scores, std::span<const std::size_t> right) {
  if (std::ranges::any_of(scores, [](float score) { return std::isnan(score); })) {
    fail(ErrorCode::kInvalidArgument, "ranking: a score is not a number");
  }
  std::vector<std::size_t> places(right.begin(), right.end());
  std::ranges::sort(places);
  if (!places.empty() && places.back() >= scores.size()) {
    fail(ErrorCode::kInvalidArgument, "ranking: right answer {}, but there are {} candidates", places.back(),
         scores.size());
  }
  QueryRanks query{.ranks = {}, .relevant = places.size(), .candidates = scores.size(), .tied = false};
  const auto answers = evaluation::rank_answers(scores, places);
  for (const evaluation::RightAnswer& answer : answers) query.ranks.push_back(answer.rank);
  query.tied = !answers.empty() && answers.front().tied;
  return query;
}

}  // namespace tandem

#include "evaluation/similarity.h"

#include <algorithm>
#include <limits>
#include <span>

#include "encoders/checks.h"
#include "index/exact_scan.h"
#include "tandem/index.h"

namespace tandem::evaluation {
namespace {

// Queries and candidates that are compared with each other before the next ones are touched.
constexpr std::size_t kQueries = 32;
constexpr std::size_t kCandidates = 64;

float similarity(const Embeddings& a, std::size_t i, const Embeddings& b, std::size_t j) {
  float best = -std::numeric_limits<float>::infinity();
  for (std::size_t m = i * a.each; m < (i + 1) * a.each; ++m) {
    for (std::size_t n = j * b.each; n < (j + 1) * b.each; ++n) {
      best = std::max(best, index::inner_product(a.rows.row(m), b.rows.row(n)));
    }
  }
  return best;
}

Matrix scores_of(std::span<const Query> queries, const Task& task, const Embeddings& query_rows,
                 const Embeddings& candidate_rows) {
  Matrix scores(queries.size(), task.candidates.size());
  for (std::size_t first = 0; first < task.candidates.size(); first += kCandidates) {
    const std::size_t end = std::min(first + kCandidates, task.candidates.size());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (!queries[q].present) continue;
      for (std::size_t c = first; c < end; ++c) {
        scores.row(q)[c] = similarity(query_rows, queries[q].number, candidate_rows, task.candidates[c]);
      }
    }
  }
  return scores;
}

std::vector<RightAnswer> right_answers(const Query& query, const Task& task, std::span<const float> scores) {
  std::vector<std::size_t> places;
  for (const std::size_t number : query.right) {
    const auto found = std::ranges::lower_bound(task.candidates, number);
    if (found == task.candidates.end() || *found != number) continue;
    places.push_back(static_cast<std::size_t>(found - task.candidates.begin()));
  }
  std::vector<RightAnswer> answers = rank_answers(scores, places);
  for (RightAnswer& answer : answers) answer.number = task.candidates[answer.number];
  return answers;
}

std::vector<Candidate> best_of(const Task& task, std::span<const float> scores, std::size_t count) {
  std::vector<ScoredId> hits;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    hits.push_back({static_cast<std::int64_t>(task.candidates[i]), scores[i]});
  }
  sort_best_first(hits, count);
  std::vector<Candidate> best;
  for (const ScoredId& hit : hits) best.push_back({static_cast<std::uint32_t>(hit.id), hit.score});
  return best;
}

}  // namespace

std::vector<Ranking> rank_by_similarity(const Task& task, const Embeddings& queries,
                                        const Embeddings& candidates, std::size_t shortlist,
                                        const std::stop_token& stop) {
  std::vector<Ranking> rankings;
  rankings.reserve(task.queries.size());
  encoders::for_each_batch(task.queries.size(), kQueries, stop, [&](std::size_t first, std::size_t count) {
    const auto block = std::span(task.queries).subspan(first, count);
    const Matrix scores = scores_of(block, task, queries, candidates);
    for (std::size_t q = 0; q < count; ++q) {
      Ranking& ranking = rankings.emplace_back();
      ranking.relevant = block[q].right.size();
      ranking.candidates = task.candidates.size();
      if (!block[q].present) continue;
      ranking.right = right_answers(block[q], task, scores.row(q));
      ranking.shortlist = best_of(task, scores.row(q), shortlist);
    }
  });
  return rankings;
}

}  // namespace tandem::evaluation

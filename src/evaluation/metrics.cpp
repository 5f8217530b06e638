#include <algorithm>
#include <array>
#include <cmath>

#include "core/fail.h"
#include "evaluation/query_values.h"

namespace tandem {
namespace evaluation {
namespace {

constexpr std::size_t kDepth = 10;  // of MRR@10, NDCG@10 and MAP@10

double gain(std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); }

double median(std::vector<std::size_t> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const auto upper = static_cast<double>(values[middle]);
  return values.size() % 2 == 1 ? upper : (static_cast<double>(values[middle - 1]) + upper) / 2;
}

}  // namespace

std::size_t first_rank(const QueryRanks& query) {
  if (!query.ranks.empty()) return query.ranks.front();
  return std::max<std::size_t>(query.candidates, 1) + 1;  // never the first, were there no candidates
}

QueryValues values_of(const QueryRanks& query) {
  QueryValues values;
  if (query.ranks.empty()) return values;
  values.mrr = 1 / static_cast<double>(query.ranks.front());
  values.mrr_at_10 = query.ranks.front() <= kDepth ? values.mrr : 0;
  const std::size_t wanted = std::min(kDepth, query.relevant);
  double ideal = 0;
  for (std::size_t rank = 1; rank <= wanted; ++rank) ideal += gain(rank);
  double found = 0;
  for (const std::size_t rank : query.ranks) {
    if (rank > kDepth) break;
    found += 1;
    values.ndcg_at_10 += gain(rank) / ideal;
    values.map_at_10 += found / static_cast<double>(rank) / static_cast<double>(wanted);
  }
  return values;
}

void check_metrics(std::span<const QueryRanks> queries, std::span<const std::size_t> cutoffs) {
  if (queries.empty()) fail(ErrorCode::kInvalidArgument, "metrics: there are no queries");
  if (std::ranges::find(cutoffs, 0u) != cutoffs.end()) {
    fail(ErrorCode::kInvalidArgument, "metrics: recall at 0 is asked for, at least 1 is wanted");
  }
}

}  // namespace evaluation

using namespace evaluation;  // NOLINT: the room's own helpers

RankingMetrics ranking_metrics(std::span<const QueryRanks> queries, std::span<const std::size_t> cutoffs) {
  check_metrics(queries, cutoffs);
  const auto count = static_cast<double>(queries.size());
  RankingMetrics metrics;
  metrics.queries = queries.size();
  std::vector<std::size_t> firsts;
  for (const QueryRanks& query : queries) {
    const QueryValues values = values_of(query);
    metrics.mrr += values.mrr;
    metrics.mrr_at_10 += values.mrr_at_10;
    metrics.ndcg_at_10 += values.ndcg_at_10;
    metrics.map_at_10 += values.map_at_10;
    firsts.push_back(first_rank(query));
    metrics.mean_rank += static_cast<double>(firsts.back());
    metrics.ties += query.tied;
    metrics.unanswered += query.ranks.empty();
    for (const std::size_t k : cutoffs) metrics.recall[k] += !query.ranks.empty() && query.ranks.front() <= k;
  }
  for (double* sum :
       {&metrics.mrr, &metrics.mrr_at_10, &metrics.ndcg_at_10, &metrics.map_at_10, &metrics.mean_rank}) {
    *sum /= count;
  }
  for (auto& [k, sum] : metrics.recall) sum /= count;
  metrics.median_rank = median(std::move(firsts));
  return metrics;
}

double recall_sum(const RankingMetrics& text_to_image, const RankingMetrics& image_to_text) {
  double sum = 0;
  for (const RankingMetrics* metrics : {&text_to_image, &image_to_text}) {
    for (const std::size_t k : {1, 5, 10}) {
      const auto found = metrics->recall.find(k);
      if (found == metrics->recall.end()) {
        fail(ErrorCode::kInvalidArgument, "mean recall: recall at {} is missing; ask for it at 1, 5 and 10",
             k);
      }
      sum += found->second;
    }
  }
  return 100 * sum;
}

double mean_recall(const RankingMetrics& text_to_image, const RankingMetrics& image_to_text) {
  return recall_sum(text_to_image, image_to_text) / 600;
}

}  // namespace tandem

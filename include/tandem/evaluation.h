// How well a model finds pictures by their captions, and captions by their pictures.
//
// Values and free functions; one evaluation is for one thread, many may run at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tandem/calibration.h"
#include "tandem/datasets.h"
#include "tandem/gallery.h"
#include "tandem/model.h"

namespace tandem {

// Where the right answers of one query came out.
struct QueryRanks {
  std::vector<std::size_t> ranks;  // from 1, ascending, of the right answers that were ranked at all
  std::size_t relevant = 0;        // right answers that there are
  std::size_t candidates = 0;      // what was ranked
  bool tied = false;               // the first right answer shares its score with a wrong one
};

// Ranks by scores: the highest first, ties to the lower number. `right`: numbers of the right answers. Throws
// InvalidArgument for a number beyond the scores or a score that is no number.
QueryRanks rank_scores(std::span<const float> scores, std::span<const std::size_t> right);

// Means over queries, each within [0, 1] but for the ranks. A query without a ranked right answer counts as
// 0, and as the rank behind the last candidate.
struct RankingMetrics {
  std::size_t queries = 0;
  std::map<std::size_t, double> recall;  // by k: a right answer is among the first k
  double mrr = 0;                        // 1 / rank of the first right answer
  double mrr_at_10 = 0;                  // the same, 0 beyond rank 10
  double ndcg_at_10 = 0;                 // binary; ideal: all right answers first
  double map_at_10 = 0;                  // divided by the number of right answers, at most 10
  double median_rank = 0;                // of the first right answer
  double mean_rank = 0;
  std::size_t ties = 0;        // queries in which a tie decides that rank
  std::size_t unanswered = 0;  // queries of which no right answer was ranked
};

// Throws InvalidArgument for no queries, and for a cutoff of 0.
RankingMetrics ranking_metrics(std::span<const QueryRanks> queries, std::span<const std::size_t> cutoffs);

// The mean of recall at 1, 5 and 10 in both directions, and their sum in percent. Throws InvalidArgument
// where one is missing.
double mean_recall(const RankingMetrics& text_to_image, const RankingMetrics& image_to_text);
double recall_sum(const RankingMetrics& text_to_image, const RankingMetrics& image_to_text);

struct BootstrapOptions {
  std::size_t samples = 1000;  // 0: no intervals and no gains
  double confidence = 0.95;
  std::uint64_t seed = 20220104;
};

struct Interval {
  double low = 0;
  double high = 0;
};

struct MetricIntervals {
  std::map<std::size_t, Interval> recall;
  Interval mrr;
  Interval ndcg_at_10;
};

// Percentile bootstrap: clusters of queries are drawn with replacement, as many as there are. `clusters`: of
// each query, any number; captions of one picture are one cluster, for they are not independent. The same for
// the same seed. Throws InvalidArgument for no samples, for lists of two lengths, and as ranking_metrics()
// does.
MetricIntervals bootstrap_intervals(std::span<const QueryRanks> queries,
                                    std::span<const std::size_t> clusters,
                                    std::span<const std::size_t> cutoffs, const BootstrapOptions& options);

// The same of the differences: the means of `reranked` less those of `baseline`, two rankings of the same
// queries in the same order. Both are drawn together, so that what is hard for both does not widen the
// intervals. Throws as bootstrap_intervals() does, and InvalidArgument for rankings of two lengths.
MetricIntervals bootstrap_gains(std::span<const QueryRanks> reranked, std::span<const QueryRanks> baseline,
                                std::span<const std::size_t> clusters, std::span<const std::size_t> cutoffs,
                                const BootstrapOptions& options);

// By how much a ranking is better than another one of the same queries; below 0: worse.
struct RankingGain {
  std::map<std::size_t, double> recall;
  double mrr = 0;
  double ndcg_at_10 = 0;
  MetricIntervals intervals;  // of these differences
};

// EMB, CE and COOP of Geigle et al., 2022.
enum class RetrievalMethod {
  kEmb,   // by cosine
  kCe,    // by the match logit of every pair
  kCoop,  // a shortlist by cosine, ordered by the match; what is not on it follows by cosine
};
enum class RetrievalDirection { kTextToImage, kImageToText };

const char* to_string(RetrievalMethod method) noexcept;           // "emb", "ce", "coop"
RetrievalMethod parse_retrieval_method(const std::string& name);  // throws InvalidArgument
const char* to_string(RetrievalDirection direction) noexcept;     // "text_to_image", "image_to_text"

struct EvaluationOptions {
  std::vector<RetrievalMethod> methods = {RetrievalMethod::kEmb};
  // "en"; "de_described", of captions of a sort; "all", every language together without the sorts. Empty:
  // each language, and all where there are several.
  std::vector<std::string> languages;
  std::vector<std::size_t> cutoffs = {1, 5, 10};
  std::vector<std::size_t> shortlists = {50};  // of coop; pairs are matched once, for the longest
  // Of coop: the shortlist is ordered by (1 - lambda) * cosine + lambda * probability of a match, and by the
  // logit where lambda is 1.
  std::vector<double> lambdas = {1};
  std::size_t fold = 0;  // pictures of a fold, in the order of the data; means over whole folds. 0: no folds
  std::size_t max_pairs = 1'000'000;  // that ce may match
  std::size_t batch_size = 16;
  std::size_t failures = 20;         // to report of each result
  std::size_t latency_queries = 50;  // to measure; 0: none
  BootstrapOptions bootstrap;
  std::stop_token stop;
  // Pairs that were matched; called from the calling thread.
  std::function<void(std::uint64_t done, std::uint64_t total)> on_progress;

  void validate() const;  // throws InvalidArgument, saying how to mend it
};

// A query that went wrong. Numbers are places in the dataset: of captions and of pictures, as the direction
// says.
struct RetrievalFailure {
  std::size_t query = 0;
  std::size_t rank = 0;            // of the first right answer; behind the last candidate where there is none
  std::vector<std::size_t> right;  // all right answers
  std::vector<std::size_t> first;  // the first five answers
};

struct EvaluationResult {
  RetrievalMethod method = RetrievalMethod::kEmb;
  std::string language;
  RetrievalDirection direction = RetrievalDirection::kTextToImage;
  std::optional<std::size_t> shortlist;  // of coop
  std::optional<double> lambda;          // of coop
  RankingMetrics metrics;
  std::optional<MetricIntervals> intervals;
  // Of ce and coop: over the order by cosine alone, whether emb is evaluated or not. With intervals only.
  std::optional<RankingGain> gain;
  // Of ce and coop: how often the probability of a match comes true of the pairs that were matched for these
  // queries. Empty where there are none.
  std::optional<Reliability> reliability;
  std::vector<RetrievalFailure> failures;  // the worst first
};

struct Latency {
  double median_ms = 0;
  double p95_ms = 0;
};

struct EvaluationReport {
  std::vector<EvaluationResult> results;  // by method, language, direction, shortlist, lambda
  std::size_t images = 0;                 // that were looked for and looked through
  std::size_t missing_images = 0;         // of those, not in the gallery: all their queries fail
  std::size_t left_out_images = 0;        // behind the last whole fold
  std::size_t folds = 1;
  std::uint64_t pairs = 0;  // that were matched
  MatchedPairs matched;     // those, each once; by caption, then by picture
  double seconds = 0;
  // Of one text at a time in the whole gallery: embedding it and finding its shortlist, and matching that, by
  // its length. Empty where nothing was measured.
  std::optional<Latency> shortlist_latency;
  std::map<std::size_t, Latency> rerank_latency;
};

// Evaluates on all pictures of a dataset, which are in the gallery by their files (others there do no harm).
// Image tokens are the gallery's where `models.matching()` made them; else they are computed once from the
// pictures. Results do not depend on what else is evaluated with them. Throws InvalidArgument (options, a
// language without captions, too many pairs, a gallery of another model), NotFound (no picture of the dataset
// is in the gallery), Unsupported (a model that cannot embed or match), Cancelled.
EvaluationReport evaluate_retrieval(const Gallery& gallery, const ModelPair& models, const Dataset& dataset,
                                    const EvaluationOptions& options = {});

}  // namespace tandem

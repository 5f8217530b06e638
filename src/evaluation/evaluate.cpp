#include <algorithm>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "core/clock.h"
#include "core/fail.h"
#include "encoders/checks.h"
#include "evaluation/inputs.h"
#include "evaluation/latency.h"
#include "evaluation/pair_scores.h"
#include "evaluation/results.h"
#include "tandem/encoders.h"

namespace tandem {
namespace evaluation {
namespace {

constexpr std::size_t kEveryCandidate = static_cast<std::size_t>(-1);

class Evaluation {
 public:
  Evaluation(const Gallery& gallery, const ModelPair& models, const Dataset& dataset,
             const EvaluationOptions& options)
      : gallery_(gallery),
        dataset_(dataset),
        options_(options),
        calibration_(models.calibration()),
        bi_encoder_(models.model, encoder_options()) {
    gallery.require_model(models.model->info());
    if (wants(RetrievalMethod::kCe) || wants(RetrievalMethod::kCoop)) {
      cross_encoder_.emplace(models.matching(), encoder_options());
      tokens_.emplace(gallery, *cross_encoder_, options.batch_size, "or evaluate emb alone");
    }
    ids_ = find_images(gallery, dataset);
    std::vector<bool> present;
    for (const ImageId id : ids_) present.push_back(id != 0);
    tasks_ = make_tasks(dataset, choose_languages(dataset, options.languages), present, options.fold);
    if (tasks_.empty()) {
      fail(ErrorCode::kInvalidArgument,
           "no picture of the folds has a caption in the languages: make them smaller");
    }
    require_few_pairs();
  }

  EvaluationReport run() {
    const std::int64_t begin = Clock::system().monotonic_ns();
    EvaluationReport report;
    const std::size_t images = dataset_.images.size();
    report.folds = options_.fold > 0 ? images / options_.fold : 1;
    report.left_out_images = options_.fold > 0 ? images % options_.fold : 0;
    report.images = images - report.left_out_images;
    report.missing_images = static_cast<std::size_t>(
        std::count(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(report.images), ImageId{0}));
    rank();
    PairScores scores(dataset_.captions.size());
    if (cross_encoder_) {
      want_pairs(scores);
      report.pairs =
          scores.compute(dataset_, ids_, *cross_encoder_, *tokens_, options_.stop, options_.on_progress);
      report.matched = scores.matched(dataset_);
    }
    for (const RetrievalMethod method : std::set(options_.methods.begin(), options_.methods.end())) {
      add_results(method, scores, report.results);
    }
    const Latencies latencies = measure();
    report.shortlist_latency = latencies.shortlist;
    report.rerank_latency = latencies.rerank;
    report.seconds = static_cast<double>(Clock::system().monotonic_ns() - begin) / 1e9;
    return report;
  }

 private:
  EncoderOptions encoder_options() const { return {.batch_size = options_.batch_size}; }
  bool wants(RetrievalMethod method) const {
    return std::ranges::find(options_.methods, method) != options_.methods.end();
  }

  // Before anything is computed. Both directions have the same pairs, and so have languages that share
  // captions.
  void require_few_pairs() const {
    if (!wants(RetrievalMethod::kCe)) return;
    std::vector<std::uint64_t> candidates(dataset_.captions.size());
    for (const Task& task : tasks_) {
      if (task.direction != RetrievalDirection::kTextToImage) continue;
      for (const Query& query : task.queries) candidates[query.number] = task.candidates.size();
    }
    const std::uint64_t pairs = std::accumulate(candidates.begin(), candidates.end(), std::uint64_t{0});
    if (pairs <= options_.max_pairs) return;
    fail(ErrorCode::kInvalidArgument,
         "ce matches every pair, {} of them, and {} are allowed: evaluate coop, limit the pictures or the "
         "languages, or allow more pairs",
         pairs, options_.max_pairs);
  }

  void rank() {
    const Embeddings captions = embed_captions(bi_encoder_, dataset_, tasks_, options_.stop);
    const Embeddings images = load_images(gallery_, ids_, options_.stop);
    std::size_t shortlist = kShownAnswers;
    if (wants(RetrievalMethod::kCoop)) shortlist = std::max(shortlist, std::ranges::max(options_.shortlists));
    if (wants(RetrievalMethod::kCe)) shortlist = kEveryCandidate;
    for (const Task& task : tasks_) {
      const bool by_text = task.direction == RetrievalDirection::kTextToImage;
      rankings_.push_back(rank_by_similarity(task, by_text ? captions : images, by_text ? images : captions,
                                             shortlist, options_.stop));
    }
  }

  // Calls f(caption, picture) for the first `length` candidates of a query.
  template <typename F>
  void for_each_pair(const Task& task, std::size_t query, std::size_t length, F f) const {
    const std::vector<Candidate>& shortlist = ranking(task, query).shortlist;
    const std::size_t number = task.queries[query].number;
    for (std::size_t i = 0; i < std::min(length, shortlist.size()); ++i) {
      if (task.direction == RetrievalDirection::kTextToImage) {
        f(number, shortlist[i].number, shortlist[i].similarity);
      } else {
        f(shortlist[i].number, static_cast<std::uint32_t>(number), shortlist[i].similarity);
      }
    }
  }
  const Ranking& ranking(const Task& task, std::size_t query) const {
    return rankings_[static_cast<std::size_t>(&task - tasks_.data())][query];
  }

  void want_pairs(PairScores& scores) const {
    const std::size_t length =
        wants(RetrievalMethod::kCe) ? kEveryCandidate : std::ranges::max(options_.shortlists);
    for (const Task& task : tasks_) {
      for (std::size_t q = 0; q < task.queries.size(); ++q) {
        for_each_pair(task, q, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
          scores.want(caption, image, similarity);
        });
      }
    }
  }

  Answers answer(const Task& task, std::size_t query, std::size_t length, double lambda,
                 const PairScores& scores) const {
    std::vector<double> fused;
    for_each_pair(task, query, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
      fused.push_back(fused_score(similarity, scores.logit(caption, image), lambda, calibration_));
    });
    return rerank(ranking(task, query), fused, kShownAnswers);
  }

  // `length`: candidates to rerank; 0: none.
  EvaluationResult result_of(const std::vector<const Task*>& folds, std::size_t length, double lambda,
                             const PairScores& scores) const {
    std::vector<TaskAnswers> answered;
    for (const Task* task : folds) {
      encoders::check_stop(options_.stop);
      TaskAnswers answers{task, {}};
      for (std::size_t q = 0; q < task->queries.size(); ++q) {
        answers.answers.push_back(answer(*task, q, length, lambda, scores));
      }
      answered.push_back(std::move(answers));
    }
    return summarise(answered, dataset_, options_);
  }

  // Of the pairs that the first `length` candidates of the queries are; nothing where there are none.
  std::optional<Reliability> reliability_of(const std::vector<const Task*>& folds, std::size_t length,
                                            const PairScores& scores) const {
    MatchedPairs pairs;
    for (const Task* task : folds) {
      for (std::size_t q = 0; q < task->queries.size(); ++q) {
        for_each_pair(*task, q, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
          pairs.similarities.push_back(similarity);
          pairs.logits.push_back(scores.logit(caption, image));
          pairs.matches.push_back(dataset_.captions[caption].image == image ? 1 : 0);
        });
      }
    }
    if (pairs.logits.empty()) return std::nullopt;
    return measure_reliability(pairs, calibration_);
  }

  void add_results(RetrievalMethod method, const PairScores& scores,
                   std::vector<EvaluationResult>& results) const {
    const std::set<std::size_t> lengths(options_.shortlists.begin(), options_.shortlists.end());
    const std::set<double> lambdas(options_.lambdas.begin(), options_.lambdas.end());
    for (const std::vector<const Task*>& folds : tasks_by_fold()) {
      const auto add = [&](std::size_t length, double lambda) -> EvaluationResult& {
        results.push_back(result_of(folds, length, lambda, scores));
        results.back().method = method;
        results.back().reliability = reliability_of(folds, length, scores);
        return results.back();
      };
      if (method == RetrievalMethod::kEmb) add(0, 0);
      if (method == RetrievalMethod::kCe) add(kEveryCandidate, 1);
      if (method != RetrievalMethod::kCoop) continue;
      for (const std::size_t length : lengths) {
        for (const double lambda : lambdas) {
          EvaluationResult& result = add(length, lambda);
          result.shortlist = length;
          result.lambda = lambda;
        }
      }
    }
  }

  // The tasks of each language and direction, in their order.
  std::vector<std::vector<const Task*>> tasks_by_fold() const {
    std::vector<std::vector<const Task*>> groups;
    for (const Task& task : tasks_) {
      const auto found = std::ranges::find_if(groups, [&](const auto& group) {
        return group.front()->language == task.language && group.front()->direction == task.direction;
      });
      (found == groups.end() ? groups.emplace_back() : *found).push_back(&task);
    }
    return groups;
  }

  Latencies measure() const {
    std::vector<Text> texts;
    const std::vector<Query>& queries = tasks_.front().queries;  // by text
    const std::size_t count = std::min(options_.latency_queries, queries.size());
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(dataset_.captions[queries[i * queries.size() / count].number].text);
    }
    std::optional<SecondStage> second;
    if (wants(RetrievalMethod::kCoop))
      second.emplace(SecondStage{*cross_encoder_, *tokens_, options_.shortlists});
    return measure_latency(gallery_, bi_encoder_, texts, second ? &*second : nullptr, options_.stop);
  }

  const Gallery& gallery_;
  const Dataset& dataset_;
  const EvaluationOptions& options_;
  Calibration calibration_;
  BiEncoder bi_encoder_;
  std::optional<CrossEncoder> cross_encoder_;
  std::optional<retrieval::TokenSource> tokens_;
  std::vector<ImageId> ids_;
  std::vector<Task> tasks_;
  std::vector<std::vector<Ranking>> rankings_;  // of each task's queries
};

}  // namespace
}  // namespace evaluation

EvaluationReport evaluate_retrieval(const Gallery& gallery, const ModelPair& models, const Dataset& dataset,
                                    const EvaluationOptions& options) {
  options.validate();
  if (!models.model)
    fail(ErrorCode::kInvalidArgument, "evaluation: there is no model; pass what Model::load() gives");
  return evaluation::Evaluation(gallery, models, dataset, options).run();
}

}  // namespace tandem

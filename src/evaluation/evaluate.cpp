#include <algorithm>
#include <numeric>
#include <optional>

#include "core/clock.h"
#include "core/fail.h"
#include "evaluation/inputs.h"
#include "evaluation/latency.h"
#include "evaluation/methods.h"
#include "evaluation/pair_scores.h"
#include "evaluation/results.h"
#include "tandem/encoders.h"

namespace tandem {
namespace evaluation {
namespace {

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
    report.results = evaluate_methods({ranked_, scores, calibration_}, dataset_, options_);
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
      ranked_.push_back({&task, rank_by_similarity(task, by_text ? captions : images,
                                                   by_text ? images : captions, shortlist, options_.stop)});
    }
  }

  void want_pairs(PairScores& scores) const {
    const std::size_t length =
        wants(RetrievalMethod::kCe) ? kEveryCandidate : std::ranges::max(options_.shortlists);
    for (const RankedTask& ranked : ranked_) {
      for (std::size_t q = 0; q < ranked.rankings.size(); ++q) {
        for_each_pair(ranked, q, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
          scores.want(caption, image, similarity);
        });
      }
    }
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
  std::vector<RankedTask> ranked_;  // all tasks
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

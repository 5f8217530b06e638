#include "evaluation/methods.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "encoders/checks.h"
#include "evaluation/results.h"

namespace tandem::evaluation {
namespace {

// The tasks of one language and direction.
using Folds = std::vector<const RankedTask*>;

class Methods {
 public:
  Methods(const Stages& stages, const Dataset& dataset, const EvaluationOptions& options)
      : stages_(stages), dataset_(dataset), options_(options) {}

  // In the order of the tasks.
  std::vector<Folds> tasks_by_fold() const {
    std::vector<Folds> groups;
    for (const RankedTask& ranked : stages_.tasks) {
      const auto found = std::ranges::find_if(groups, [&](const Folds& group) {
        const Task& first = *group.front()->task;
        return first.language == ranked.task->language && first.direction == ranked.task->direction;
      });
      (found == groups.end() ? groups.emplace_back() : *found).push_back(&ranked);
    }
    return groups;
  }

  EvaluationResult by_cosine(const Folds& folds) const {
    return summarise(answers_of(folds, 0, 0), dataset_, options_);
  }

  // `length`: candidates to rerank.
  EvaluationResult reranked(RetrievalMethod method, const Folds& folds, std::size_t length,
                            double lambda) const {
    const std::vector<TaskAnswers> answers = answers_of(folds, length, lambda);
    EvaluationResult result = summarise(answers, dataset_, options_);
    result.method = method;
    if (options_.bootstrap.samples > 0) {
      result.gain = gain_over(answers_of(folds, 0, 0), answers, dataset_, options_);
    }
    result.reliability = reliability_of(folds, length);
    return result;
  }

 private:
  Answers answer(const RankedTask& ranked, std::size_t query, std::size_t length, double lambda) const {
    std::vector<double> fused;
    for_each_pair(ranked, query, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
      const float logit = stages_.scores.logit(caption, image);
      fused.push_back(fused_score(similarity, logit, lambda, stages_.calibration));
    });
    return rerank(ranked.rankings[query], fused, kShownAnswers);
  }

  std::vector<TaskAnswers> answers_of(const Folds& folds, std::size_t length, double lambda) const {
    std::vector<TaskAnswers> answered;
    for (const RankedTask* ranked : folds) {
      encoders::check_stop(options_.stop);
      TaskAnswers& answers = answered.emplace_back(TaskAnswers{ranked->task, {}});
      for (std::size_t q = 0; q < ranked->rankings.size(); ++q) {
        answers.answers.push_back(answer(*ranked, q, length, lambda));
      }
    }
    return answered;
  }

  // Of the pairs that the first `length` candidates of the queries are; nothing where there are none.
  std::optional<Reliability> reliability_of(const Folds& folds, std::size_t length) const {
    MatchedPairs pairs;
    for (const RankedTask* ranked : folds) {
      for (std::size_t q = 0; q < ranked->rankings.size(); ++q) {
        for_each_pair(*ranked, q, length, [&](std::size_t caption, std::uint32_t image, float similarity) {
          pairs.similarities.push_back(similarity);
          pairs.logits.push_back(stages_.scores.logit(caption, image));
          pairs.matches.push_back(dataset_.captions[caption].image == image ? 1 : 0);
        });
      }
    }
    if (pairs.logits.empty()) return std::nullopt;
    return measure_reliability(pairs, stages_.calibration);
  }

  const Stages& stages_;
  const Dataset& dataset_;
  const EvaluationOptions& options_;
};

}  // namespace

std::vector<EvaluationResult> evaluate_methods(const Stages& stages, const Dataset& dataset,
                                               const EvaluationOptions& options) {
  const Methods methods(stages, dataset, options);
  const std::vector<Folds> groups = methods.tasks_by_fold();
  const std::set<std::size_t> lengths(options.shortlists.begin(), options.shortlists.end());
  const std::set<double> lambdas(options.lambdas.begin(), options.lambdas.end());
  std::vector<EvaluationResult> results;
  for (const RetrievalMethod method : std::set(options.methods.begin(), options.methods.end())) {
    for (const Folds& folds : groups) {
      if (method == RetrievalMethod::kEmb) results.push_back(methods.by_cosine(folds));
      if (method == RetrievalMethod::kCe)
        results.push_back(methods.reranked(method, folds, kEveryCandidate, 1));
      if (method != RetrievalMethod::kCoop) continue;
      for (const std::size_t length : lengths) {
        for (const double lambda : lambdas) {
          EvaluationResult& result = results.emplace_back(methods.reranked(method, folds, length, lambda));
          result.shortlist = length;
          result.lambda = lambda;
        }
      }
    }
  }
  return results;
}

}  // namespace tandem::evaluation

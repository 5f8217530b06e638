#include "training/dev_score.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/fail.h"
#include "tandem/evaluation.h"
#include "training/losses.h"

namespace tandem::training {
namespace {

constexpr std::size_t kCutoffs[] = {1, 5, 10};
constexpr std::size_t kShortlist = 20;  // the paper's
constexpr std::size_t kPairsAtOnce = 256;
constexpr double kBehindMatches = 1e4;  // more than a logit can be

// Captions and pictures that are looked at, and which belong together.
struct Sample {
  std::vector<std::size_t> captions;
  std::vector<std::size_t> images;
  std::vector<std::size_t> image_of;  // of each caption, a place in `images`
};

Sample sample(const TrainingSet& set, std::span<const std::size_t> images) {
  Sample all;
  for (const std::size_t image : images) {
    for (const std::size_t caption : set.captions_of(image)) {
      all.captions.push_back(caption);
      all.image_of.push_back(all.images.size());
    }
    all.images.push_back(image);
  }
  return all;
}

// scores: captions × pictures.
std::vector<QueryRanks> ranks_of_captions(const Sample& sample, const at::Tensor& scores) {
  const at::Tensor rows = scores.contiguous();
  std::vector<QueryRanks> ranks;
  for (std::size_t i = 0; i < sample.captions.size(); ++i) {
    const float* row = rows.data_ptr<float>() + i * sample.images.size();
    ranks.push_back(rank_scores({row, sample.images.size()}, {&sample.image_of[i], 1}));
  }
  return ranks;
}

std::vector<QueryRanks> ranks_of_images(const Sample& sample, const at::Tensor& scores) {
  const at::Tensor rows = scores.t().contiguous();
  std::vector<std::vector<std::size_t>> right(sample.images.size());
  for (std::size_t i = 0; i < sample.captions.size(); ++i) right[sample.image_of[i]].push_back(i);
  std::vector<QueryRanks> ranks;
  for (std::size_t i = 0; i < sample.images.size(); ++i) {
    const float* row = rows.data_ptr<float>() + i * sample.captions.size();
    ranks.push_back(rank_scores({row, sample.captions.size()}, right[i]));
  }
  return ranks;
}

// Adds the recalls, and returns their mean.
double add_recalls(const std::string& method, const Sample& sample, const at::Tensor& scores,
                   std::map<std::string, double>& metrics) {
  const RankingMetrics by_text = ranking_metrics(ranks_of_captions(sample, scores), kCutoffs);
  const RankingMetrics by_image = ranking_metrics(ranks_of_images(sample, scores), kCutoffs);
  for (const std::size_t k : kCutoffs) {
    metrics[method + "_t2i_r" + std::to_string(k)] = by_text.recall.at(k);
    metrics[method + "_i2t_r" + std::to_string(k)] = by_image.recall.at(k);
  }
  return metrics[method + "_mean_recall"] = mean_recall(by_text, by_image);
}

// Logits of the pairs that `wanted` (captions × pictures, bool) names; others stay as they are in `scores`.
void match_into(const TrainedModel& model, std::span<const TokenIds> captions,
                std::span<const at::Tensor> tokens, const at::Tensor& wanted, at::Tensor& scores,
                const Watch& watch) {
  const at::Tensor places = wanted.nonzero().contiguous();
  for (std::int64_t first = 0; first < places.size(0); first += kPairsAtOnce) {
    watch.tell("pairs matched", static_cast<std::size_t>(first), static_cast<std::size_t>(places.size(0)));
    const at::Tensor part = places.slice(0, first, first + static_cast<std::int64_t>(kPairsAtOnce));
    // Rows are in order: the pairs' captions are neighbours.
    const auto first_caption = part[0][0].item<std::int64_t>();
    const auto last_caption = part[part.size(0) - 1][0].item<std::int64_t>();
    const auto texts = captions.subspan(static_cast<std::size_t>(first_caption),
                                        static_cast<std::size_t>(last_caption - first_caption + 1));
    std::vector<Pair> pairs;
    for (std::int64_t i = 0; i < part.size(0); ++i) {
      const auto* place = part[i].data_ptr<std::int64_t>();
      pairs.push_back(
          {static_cast<std::size_t>(place[0] - first_caption), static_cast<std::size_t>(place[1])});
    }
    scores.index_put_({part.select(1, 0), part.select(1, 1)}, model.match(texts, tokens, pairs).cpu());
  }
}

// Whether each is among the best `count` of its row.
at::Tensor among_best(const at::Tensor& scores, std::int64_t count) {
  const at::Tensor best = std::get<1>(scores.topk(std::min(count, scores.size(1)), 1));
  return at::zeros_like(scores, at::kBool).scatter_(1, best, true);
}

}  // namespace

DevScore::DevScore(const TrainingSet& set, const Pictures& pictures, const TrainingOptions& options)
    : set_(set), pictures_(pictures), options_(options) {}

TrainingEvaluation DevScore::operator()(TrainedModel& model, const Watch& watch) const {
  const Evaluating evaluating(model);
  TrainingEvaluation evaluation;
  if (options_.task != TrainingTask::kCe) score_embeddings(model, evaluation, watch);
  if (options_.task != TrainingTask::kEmb) score_matches(model, evaluation, watch);
  return evaluation;
}

void DevScore::score_embeddings(const TrainedModel& model, TrainingEvaluation& evaluation,
                                const Watch& watch) const {
  const Sample all = sample(set_, set_.images());
  const at::Tensor captions = embed_captions(model, set_.captions(), all.captions, watch);
  const AllImages images =
      encode_all(model, pictures_, all.images, {.embedding = true, .tokens = false}, watch);
  evaluation.score = add_recalls("emb", all, cosines(captions, images.embeddings).cpu(), evaluation.metrics);
}

void DevScore::score_matches(const TrainedModel& model, TrainingEvaluation& evaluation,
                             const Watch& watch) const {
  const std::size_t count = std::min(options_.dev_rerank, set_.images().size());
  const bool coop = options_.task == TrainingTask::kJoint;
  const Sample few = sample(set_, set_.images().first(count));
  std::vector<TokenIds> texts;
  for (const std::size_t caption : few.captions) texts.push_back(set_.captions()[caption]);
  const AllImages images =
      encode_all(model, pictures_, few.images, {.embedding = coop, .tokens = true}, watch);
  at::Tensor scores = at::zeros({static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(count)});
  at::Tensor wanted = at::ones_like(scores, at::kBool);
  if (coop) {
    const at::Tensor captions = embed_captions(model, set_.captions(), few.captions, watch);
    const at::Tensor alike = cosines(captions, images.embeddings).cpu();
    // What no shortlist has stays behind what one has, in the order of the cosines.
    scores = alike - kBehindMatches;
    wanted = among_best(alike, kShortlist).logical_or(among_best(alike.t(), kShortlist).t());
  }
  match_into(model, texts, images.tokens, wanted, scores, watch);
  const double recall = add_recalls(coop ? "coop" : "ce", few, scores, evaluation.metrics);
  evaluation.score = coop ? (evaluation.score + recall) / 2 : recall;
}

}  // namespace tandem::training

#include "tandem/retriever.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/fail.h"
#include "encoders/checks.h"
#include "retrieval/query_embedding.h"
#include "retrieval/reranker.h"
#include "retrieval/search_plan.h"

namespace tandem {

using namespace retrieval;  // NOLINT: the room's own helpers

namespace {

// A candidate with all that is known of it.
struct Scored {
  std::int64_t id = 0;
  float similarity = 0;
  std::optional<float> logit;
  std::optional<float> probability;
};

std::vector<Scored> by_similarity(std::vector<ScoredId> candidates, std::size_t top_k) {
  sort_best_first(candidates, top_k);
  std::vector<Scored> hits;
  for (const ScoredId& candidate : candidates) hits.push_back({candidate.id, candidate.score, {}, {}});
  return hits;
}

// `logits` are those of the candidates, in their order.
std::vector<Scored> by_match(const std::vector<ScoredId>& candidates, const std::vector<float>& logits,
                             const Calibration& calibration, const SearchOptions& options) {
  std::unordered_map<std::int64_t, std::size_t> places;
  std::vector<ScoredId> ranked;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const double score = match_score(logits[i], candidates[i].score, calibration);
    places[candidates[i].id] = i;
    ranked.push_back({candidates[i].id, static_cast<float>(score)});
  }
  sort_best_first(ranked, options.top_k);
  std::vector<Scored> hits;
  for (const ScoredId& candidate : ranked) {
    const std::size_t place = places[candidate.id];
    const float similarity = candidates[place].score;
    const float probability = match_probability(logits[place], similarity, calibration);
    if (probability < options.min_probability.value_or(0)) break;  // so are all that follow
    hits.push_back({candidate.id, similarity, logits[place], probability});
  }
  return hits;
}

std::vector<std::int64_t> ids_of(const std::vector<ScoredId>& candidates) {
  std::vector<std::int64_t> ids;
  for (const ScoredId& candidate : candidates) ids.push_back(candidate.id);
  return ids;
}

std::shared_ptr<const Gallery> require_gallery(std::shared_ptr<const Gallery> gallery) {
  if (!gallery) {
    fail(ErrorCode::kInvalidArgument, "retriever: there is no gallery; pass what Gallery::open() returns");
  }
  return gallery;
}

void require_text_for_probability(std::span<const Query> queries, const SearchOptions& options) {
  if (!options.min_probability) return;
  if (std::ranges::all_of(queries, [](const Query& query) { return query.text.has_value(); })) return;
  fail(ErrorCode::kInvalidArgument,
       "min_probability needs a text, which a picture is matched with: add a text or drop min_probability");
}

}  // namespace

Retriever::Retriever(std::shared_ptr<const Gallery> gallery, ModelPair models)
    : gallery_(require_gallery(std::move(gallery))), models_(std::move(models)), bi_encoder_(models_.model) {
  gallery_->require_model(models_.model->info());
  const GalleryInfo& info = gallery_->info();
  const bool any_will_do = info.tokens == TokenStorage::kNone && !info.reranker;
  if (models_.reranker && !any_will_do) gallery_->require_reranker(models_.reranker->info());
}

std::vector<Hit> Retriever::search(const Query& query, const SearchOptions& options) const {
  return std::move(search(std::span(&query, 1), options).front());
}

std::vector<std::vector<Hit>> Retriever::search(std::span<const Query> queries,
                                                const SearchOptions& options) const {
  const SearchPlan plan = plan_search(options, models_, gallery_->info());
  check_queries(queries);
  require_text_for_probability(queries, options);
  if (queries.empty()) return {};
  encoders::check_stop(options.stop);

  const std::vector<Matrix> embedded = embed_queries(queries, bi_encoder_, options.stop);
  const auto candidates = find_nearest(embedded, plan.candidates, [&](MatrixView rows, std::size_t k) {
    return gallery_->nearest_images(rows, k);
  });

  std::optional<Reranker> reranker;
  if (plan.rerank) reranker.emplace(*gallery_, models_.matching(), options.batch_size);
  const Calibration calibration = models_.calibration();
  std::vector<std::vector<Hit>> results;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    std::vector<Scored> ranked;
    if (reranker && queries[i].text) {
      const auto logits = reranker->score_images(*queries[i].text, ids_of(candidates[i]), options.stop);
      ranked = by_match(candidates[i], logits, calibration, options);
    } else {
      ranked = by_similarity(candidates[i], options.top_k);
    }
    auto& hits = results.emplace_back();
    for (const Scored& scored : ranked) {
      const ImageRecord record = gallery_->image(scored.id);
      hits.push_back({hits.size() + 1, scored.id, record.path, photo_of(record), scored.similarity,
                      scored.logit, scored.probability});
    }
  }
  return results;
}

std::vector<CaptionHit> Retriever::search_captions(const Picture& image, const SearchOptions& options) const {
  const SearchPlan plan = plan_search(options, models_, gallery_->info());
  encoders::check_stop(options.stop);
  const std::vector<Matrix> embedded = bi_encoder_.embed_images({&image, 1}, options.stop);
  const std::vector<ScoredId> candidates =
      find_nearest(embedded, plan.candidates, [&](MatrixView rows, std::size_t k) {
        return gallery_->nearest_captions(rows, k);
      }).front();

  std::vector<Scored> ranked;
  if (plan.rerank) {
    std::vector<Text> texts;
    for (const ScoredId& candidate : candidates) texts.push_back(gallery_->caption(candidate.id).text);
    const Reranker reranker(*gallery_, models_.matching(), options.batch_size);
    ranked = by_match(candidates, reranker.score_texts(image, texts, options.stop), models_.calibration(),
                      options);
  } else {
    ranked = by_similarity(candidates, options.top_k);
  }
  std::vector<CaptionHit> hits;
  for (const Scored& scored : ranked) {
    const CaptionRecord caption = gallery_->caption(scored.id);
    hits.push_back({hits.size() + 1, scored.id, caption.image, caption.text, scored.similarity, scored.logit,
                    scored.probability});
  }
  return hits;
}

}  // namespace tandem

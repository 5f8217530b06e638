#include "retrieval/search_plan.h"

#include <algorithm>

#include "core/fail.h"
#include "encoders/capabilities.h"
#include "gallery/gallery_models.h"

namespace tandem {
namespace {

constexpr std::size_t kDefaultShortlist = 50;

// `by_default`: what to do where the options leave it open.
bool reranks(const SearchOptions& options, bool by_default) {
  return options.rerank.value_or(options.min_probability.has_value() || by_default);
}

// A second model is there to rerank; one alone says whether it is good at it.
bool reranks_by_default(const ModelPair& models, const GalleryInfo& gallery) {
  if (models.reranker || gallery.reranker) return models.reranker != nullptr;
  return models.model->info().rerank_by_default;
}

void require_long_shortlist(const SearchOptions& options) {
  if (!options.shortlist || *options.shortlist >= options.top_k) return;
  fail(ErrorCode::kInvalidArgument, "shortlist ({}) is below top_k ({}): raise the shortlist or lower top_k",
       *options.shortlist, options.top_k);
}

}  // namespace

void SearchOptions::validate() const {
  if (top_k == 0) fail(ErrorCode::kInvalidArgument, "top_k is 0: ask for at least 1 hit");
  if (batch_size == 0) fail(ErrorCode::kInvalidArgument, "batch_size is 0: give at least 1");
  if (min_probability) {
    if (!(*min_probability >= 0 && *min_probability <= 1)) {
      fail(ErrorCode::kInvalidArgument, "min_probability ({}) is not within 0 and 1: give a probability",
           *min_probability);
    }
    if (rerank == false) {
      fail(ErrorCode::kInvalidArgument,
           "min_probability needs reranking, which is switched off: switch it on or drop min_probability");
    }
  }
  if (reranks(*this, false)) require_long_shortlist(*this);
}

namespace retrieval {

SearchPlan plan_search(const SearchOptions& options, const ModelPair& models, const GalleryInfo& gallery) {
  options.validate();
  if (!reranks(options, reranks_by_default(models, gallery))) {
    return {.rerank = false, .candidates = options.top_k};
  }
  if (!models.reranker) gallery::require_same_models(gallery, gallery::infos_of(models));
  require_match(models.matching()->info());
  require_long_shortlist(options);
  return {.rerank = true,
          .candidates = options.shortlist.value_or(std::max(kDefaultShortlist, options.top_k))};
}

}  // namespace retrieval
}  // namespace tandem

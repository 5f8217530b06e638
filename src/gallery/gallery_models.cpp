#include "gallery/gallery_models.h"

#include "core/fail.h"

namespace tandem::gallery {
namespace {

void require_same(const char* role, const std::filesystem::path& gallery, const GalleryModel& wanted,
                  const ModelInfo& found) {
  if (is_model(wanted, found)) return;
  const bool weights = wanted.weights_fingerprint == found.weights_fingerprint;
  fail(ErrorCode::kInvalidArgument,
       "{}: was built with {} {} ({}), not with {} ({}): their {} differ; use that one, or index into a new "
       "gallery",
       gallery.string(), role, wanted.path.string(), wanted.family, found.path.string(), found.family,
       weights ? "preprocessings" : "weights");
}

void require_same_precision(const std::filesystem::path& gallery, const GalleryModel& wanted,
                            const ModelInfo& found) {
  if (wanted.tower_precision == found.tower_precision) return;
  fail(ErrorCode::kInvalidArgument,
       "{}: its pictures were computed by {} in {}, not in {}; load the model with the same tower precision, "
       "or index into a new gallery",
       gallery.string(), wanted.path.string(), to_string(wanted.tower_precision),
       to_string(found.tower_precision));
}

}  // namespace

ModelInfos infos_of(const ModelPair& models) {
  if (!models.model) {
    fail(ErrorCode::kInvalidArgument, "no model was given; load one with Model::load()");
  }
  return {models.model->info(), models.reranker ? &models.reranker->info() : nullptr};
}

GalleryModel gallery_model(const ModelInfo& model) {
  return {model.family,
          model.path,
          model.detector,
          model.tower_precision,
          model.weights_fingerprint,
          model.preprocessing_fingerprint};
}

bool is_model(const GalleryModel& known, const ModelInfo& model) {
  return known.weights_fingerprint == model.weights_fingerprint &&
         known.preprocessing_fingerprint == model.preprocessing_fingerprint;
}

void require_same_model(const GalleryInfo& info, const ModelInfo& model) {
  require_same("model", info.path, info.model, model);
}

void require_same_reranker(const GalleryInfo& info, const ModelInfo& reranker) {
  require_same("reranker", info.path, info.reranker.value_or(info.model), reranker);
}

void require_same_models(const GalleryInfo& info, const ModelInfos& models) {
  require_same_model(info, models.model);
  if (models.reranker != nullptr) {
    require_same_reranker(info, *models.reranker);
  } else if (info.reranker) {
    fail(ErrorCode::kInvalidArgument,
         "{}: was built with two models, and the second, {} ({}), is missing; give it as the reranker",
         info.path.string(), info.reranker->path.string(), info.reranker->family);
  }
}

void require_same_makers(const GalleryInfo& info, const ModelInfos& models) {
  require_same_models(info, models);
  require_same_precision(info.path, info.model, models.model);
  if (info.reranker) require_same_precision(info.path, *info.reranker, *models.reranker);
}

}  // namespace tandem::gallery

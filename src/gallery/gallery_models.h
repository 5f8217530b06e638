// The one or two models that a gallery is built with, and whether they are those.
//
// Values and free functions.
#pragma once

#include "tandem/gallery.h"
#include "tandem/model.h"

namespace tandem::gallery {

// The models of a gallery, as far as it is concerned.
struct ModelInfos {
  ModelInfos(const ModelInfo& one) : model(one) {}  // NOLINT: one model is enough
  ModelInfos(const ModelInfo& embeds, const ModelInfo* matches) : model(embeds), reranker(matches) {}

  const ModelInfo& model;
  const ModelInfo* reranker = nullptr;
  const ModelInfo& matching() const { return reranker != nullptr ? *reranker : model; }
};
// They must outlive what is returned. Throws InvalidArgument where there is none.
ModelInfos infos_of(const ModelPair& models);

// What a gallery keeps of a model.
GalleryModel gallery_model(const ModelInfo& model);

// Whether it is the one that a gallery knows.
bool is_model(const GalleryModel& known, const ModelInfo& model);

// Each throws InvalidArgument, naming both, when a model is not the one that `info` speaks of.
void require_same_model(const GalleryInfo& info, const ModelInfo& model);
void require_same_reranker(const GalleryInfo& info, const ModelInfo& reranker);
// Both, and that there is a second one where the gallery was built with two.
void require_same_models(const GalleryInfo& info, const ModelInfos& models);
// The same for what goes into the gallery, and that it is computed as what is there.
void require_same_makers(const GalleryInfo& info, const ModelInfos& models);

}  // namespace tandem::gallery

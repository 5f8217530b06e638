// Images to what a gallery stores of them, a batch at a time.
//
// Immutable: const methods may be called from many threads; the models must outlive the encoder.
#pragma once

#include <optional>
#include <vector>

#include "indexing/outcome.h"
#include "tandem/model.h"

namespace tandem::indexing {

// A picture as the models of a gallery read it.
struct ModelInputs {
  ImageInput embed;
  std::optional<ImageInput> match;  // where another model reranks
};

class ImageEncoder {
 public:
  // `tokens`: whether the gallery stores them.
  ImageEncoder(const ModelPair& models, bool tokens)
      : model_(*models.model), reranker_(tokens ? models.reranker.get() : nullptr), tokens_(tokens) {}

  // One outcome for each input, in order. A batch that fails is halved until the picture that makes it
  // fail is alone.
  std::vector<Outcome<EncodedImage>> encode(std::vector<ModelInputs> inputs) const;

 private:
  // The tokens of the second model, for the pictures that the first could embed.
  void add_tokens(std::vector<ModelInputs> inputs, std::vector<Outcome<EncodedImage>>& results) const;

  const Model& model_;
  const Model* reranker_;
  bool tokens_;
};

}  // namespace tandem::indexing

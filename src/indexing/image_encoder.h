// Images to what a gallery stores of them, a batch at a time.
//
// Immutable: const methods may be called from many threads; the model must outlive the encoder.
#pragma once

#include <span>
#include <vector>

#include "indexing/outcome.h"
#include "tandem/model.h"

namespace tandem::indexing {

class ImageEncoder {
 public:
  ImageEncoder(const Model& model, bool tokens)
      : model_(model), outputs_{.embedding = true, .tokens = tokens} {}

  // One outcome for each input, in order. A batch that fails is halved until the picture that makes it
  // fail is alone.
  std::vector<Outcome<EncodedImage>> encode(std::span<const ImageInput> inputs) const;

 private:
  // Throws Backend where a value is not finite.
  std::vector<EncodedImage> encode_together(std::span<const ImageInput> inputs) const;
  void encode_into(std::span<const ImageInput> inputs, std::vector<Outcome<EncodedImage>>& results) const;

  const Model& model_;
  ImageOutputs outputs_;
};

}  // namespace tandem::indexing

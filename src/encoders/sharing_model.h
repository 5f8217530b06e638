// The model behind share_passes().
//
// As every Model: const methods may be called from many threads; calls that wait for a pass are its only
// state.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "encoders/pass_queue.h"
#include "encoders/shared_calls.h"
#include "tandem/model.h"
#include "tandem/shared_passes.h"

namespace tandem::encoders {

class SharingModel final : public Model {
 public:
  SharingModel(std::shared_ptr<const Model> model, const SharedPassOptions& options);

  const ModelInfo& info() const override { return model_->info(); }
  const Tokenizer& tokenizer() const override { return model_->tokenizer(); }
  ImageInput preprocess(const Image& image) const override { return model_->preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override;
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override {
    return model_->encode_images(images, outputs);
  }
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override;

  // Calls that wait for a pass, of both kinds.
  std::size_t waiting() const { return embeddings_.waiting() + matches_.waiting(); }

 private:
  std::shared_ptr<const Model> model_;
  mutable PassQueue<EmbedTextsCall> embeddings_;
  mutable PassQueue<MatchPairsCall> matches_;
};

}  // namespace tandem::encoders

// A Model on LibTorch: one class for all families.
//
// It turns ids and token rows into tensors, groups what has one size into one pass, and turns the results
// back; an ImageReader does so for pictures. It checks what a network assumes. Immutable; const methods may
// be called from many threads.
#pragma once

#include <memory>
#include <vector>

#include "models/image_reader.h"
#include "models/network.h"
#include "models/text_reader.h"

namespace tandem::models {

class TorchModel final : public Model {
 public:
  // `network` has its weights; `info` is complete.
  TorchModel(ModelInfo info, std::shared_ptr<const Network> network,
             std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<const ImageReader> reader,
             std::size_t vocabulary_size);

  const ModelInfo& info() const override { return info_; }
  const Tokenizer& tokenizer() const override { return text_reader_.tokenizer(); }
  ImageInput preprocess(const Image& image) const override { return reader_->preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override;
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override;
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override;

 private:
  ModelInfo info_;
  std::shared_ptr<const Network> network_;
  TextReader text_reader_;
  std::unique_ptr<const ImageReader> reader_;
};

}  // namespace tandem::models

// A Model on LibTorch: one class for all families.
//
// It turns ids and token rows into tensors, groups what has one size into one pass, and turns the results
// back; an ImageReader does so for pictures. It checks what a network assumes. Immutable; const methods may
// be called from many threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "models/image_reader.h"
#include "models/network.h"
#include "models/text_reader.h"

namespace tandem::models {

class TorchModel final : public Model {
 public:
  // `network` has its weights, or those of its tower once `load_tower` was called, if there is such; `info`
  // is complete.
  TorchModel(ModelInfo info, std::shared_ptr<const Network> network,
             std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<const ImageReader> reader,
             std::size_t vocabulary_size, std::function<void()> load_tower = {});

  const ModelInfo& info() const override { return info_; }
  const Tokenizer& tokenizer() const override { return text_reader_.tokenizer(); }
  ImageInput preprocess(const Image& image) const override { return reader_->preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override;
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override;
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override;

 private:
  void need_tower() const;

  ModelInfo info_;
  std::shared_ptr<const Network> network_;
  TextReader text_reader_;
  std::unique_ptr<const ImageReader> reader_;
  mutable std::once_flag tower_is_there_;
  mutable std::function<void()> load_tower_;
};

}  // namespace tandem::models

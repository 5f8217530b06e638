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

namespace tandem::models {

class TorchModel final : public Model {
 public:
  // `network` has its weights; `info` is complete.
  TorchModel(ModelInfo info, std::shared_ptr<const Network> network,
             std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<const ImageReader> reader,
             std::size_t vocabulary_size);

  const ModelInfo& info() const override { return info_; }
  const Tokenizer& tokenizer() const override { return *tokenizer_; }
  ImageInput preprocess(const Image& image) const override { return reader_->preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override;
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override;
  std::vector<float> match(const TokenIds& text, std::span<const MatrixView> image_tokens) const override;

 private:
  // With padding where the tokenizer has it.
  std::size_t read_length(const TokenIds& text) const;
  at::Tensor ids_to_tensor(std::span<const TokenIds> texts, std::span<const std::size_t> members) const;

  ModelInfo info_;
  std::shared_ptr<const Network> network_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::unique_ptr<const ImageReader> reader_;
  std::size_t vocabulary_size_;
};

}  // namespace tandem::models

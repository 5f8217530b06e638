#include "models/torch_model.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/fail.h"
#include "models/group_by.h"
#include "models/library_errors.h"

namespace tandem::models {
namespace {

// Runs `body` without gradients and translates what the libraries below throw.
template <typename Body>
auto run(const ModelInfo& model, Body body) {
  const c10::InferenceMode inference;
  return with_typed_errors(model.path.string(), std::move(body));
}

void copy_rows(const at::Tensor& from, float* to) {
  const at::Tensor rows = from.contiguous();
  std::memcpy(to, rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel()) * sizeof(float));
}

Matrix to_matrix(const at::Tensor& rows) {
  Matrix matrix(static_cast<std::size_t>(rows.size(0)), static_cast<std::size_t>(rows.size(1)));
  copy_rows(rows, matrix.data());
  return matrix;
}

std::int64_t to_int(std::size_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

TorchModel::TorchModel(ModelInfo info, std::shared_ptr<const Network> network,
                       std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<const ImageReader> reader,
                       std::size_t vocabulary_size)
    : info_(std::move(info)),
      network_(std::move(network)),
      text_reader_(std::move(tokenizer), vocabulary_size),
      reader_(std::move(reader)) {}

Matrix TorchModel::embed_texts(std::span<const TokenIds> texts) const {
  return run(info_, [&] {
    Matrix embeddings(texts.size(), info_.embedding_dim);
    for (const auto& [members, ids] : text_reader_.group(texts)) {
      const at::Tensor rows = network_->embed_texts(ids).contiguous();
      for (std::size_t i = 0; i < members.size(); ++i) {
        copy_rows(rows[to_int(i)], embeddings.row(members[i]).data());
      }
    }
    return embeddings;
  });
}

std::vector<EncodedImage> TorchModel::encode_images(std::span<const ImageInput> images,
                                                    ImageOutputs outputs) const {
  return run(info_, [&] {
    std::vector<EncodedImage> encoded(images.size());
    for (const ImageGroup& group : reader_->group(images)) {
      const ImageStates states = network_->encode_images(group.batch, outputs);
      for (std::size_t i = 0; i < group.members.size(); ++i) {
        EncodedImage& image = encoded[group.members[i]];
        if (states.embeddings.defined()) image.embedding = to_matrix(states.embeddings[to_int(i)]);
        if (states.tokens.defined()) image.tokens = to_matrix(tokens_of(states, to_int(i)));
      }
    }
    return encoded;
  });
}

std::vector<float> TorchModel::match(const TokenIds& text, std::span<const MatrixView> image_tokens) const {
  return run(info_, [&] {
    const std::size_t first = 0;
    const at::Tensor ids = text_reader_.ids({&text, 1}, {&first, 1});
    std::vector<float> logits(image_tokens.size());
    for (const auto& [rows, members] : group_by(image_tokens, [](MatrixView view) { return view.rows(); })) {
      at::Tensor tokens =
          torch::empty({to_int(members.size()), to_int(rows), to_int(info_.image_token_width)}, at::kFloat);
      float* out = tokens.data_ptr<float>();
      for (const std::size_t member : members) {
        const MatrixView view = image_tokens[member];
        if (rows == 0 || rows > info_.max_image_tokens || view.columns() != info_.image_token_width) {
          fail(ErrorCode::kInvalidArgument, "image tokens of {} x {}; at most {} rows of {} are wanted", rows,
               view.columns(), info_.max_image_tokens, info_.image_token_width);
        }
        out = std::copy(view.data(), view.data() + view.size(), out);
      }
      const at::Tensor scores = network_->match(ids, tokens).contiguous();
      for (std::size_t i = 0; i < members.size(); ++i) {
        logits[members[i]] = scores.data_ptr<float>()[i];
      }
    }
    return logits;
  });
}

}  // namespace tandem::models

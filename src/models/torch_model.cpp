#include "models/torch_model.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/fail.h"
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

// The same memory. Networks only read it.
at::Tensor as_tensor(MatrixView view) {
  return torch::from_blob(const_cast<float*>(view.data()), {static_cast<std::int64_t>(view.rows()),
                                                            static_cast<std::int64_t>(view.columns())});
}

std::int64_t to_int(std::size_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

TorchModel::TorchModel(ModelInfo info, std::shared_ptr<const Network> network,
                       std::shared_ptr<const Tokenizer> tokenizer, std::unique_ptr<const ImageReader> reader,
                       std::size_t vocabulary_size, std::function<void()> load_tower)
    : info_(std::move(info)),
      network_(std::move(network)),
      text_reader_(std::move(tokenizer), vocabulary_size),
      reader_(std::move(reader)),
      load_tower_(std::move(load_tower)) {}

// Thrown errors leave it as it is: the next picture tries again.
void TorchModel::need_tower() const {
  std::call_once(tower_is_there_, [this] {
    if (load_tower_) load_tower_();
    load_tower_ = nullptr;  // and with it the mapped weights
  });
}

Matrix TorchModel::embed_texts(std::span<const TokenIds> texts) const {
  return run(info_, [&] {
    if (texts.empty()) return Matrix(0, info_.embedding_dim);
    return to_matrix(network_->embed_text_groups(text_reader_.group(texts)));
  });
}

std::vector<EncodedImage> TorchModel::encode_images(std::span<const ImageInput> images,
                                                    ImageOutputs outputs) const {
  need_tower();
  return run(info_, [&] {
    std::vector<EncodedImage> encoded(images.size());
    for (const ImageGroup& group : reader_->group(images)) {
      const ImageStates states = network_->encode_images(group.batch, outputs);
      const auto tokens = states.tokens.defined() ? tokens_of(states) : std::vector<at::Tensor>();
      for (std::size_t i = 0; i < group.members.size(); ++i) {
        EncodedImage& image = encoded[group.members[i]];
        if (states.embeddings.defined()) image.embedding = to_matrix(states.embeddings[to_int(i)]);
        if (!tokens.empty()) image.tokens = to_matrix(tokens[i]);
      }
    }
    return encoded;
  });
}

std::vector<float> TorchModel::match_pairs(std::span<const TokenIds> texts,
                                           std::span<const MatrixView> image_tokens,
                                           std::span<const MatchPair> pairs) const {
  return run(info_, [&] {
    std::vector<at::Tensor> tokens;
    for (const MatrixView view : image_tokens) {
      if (view.rows() == 0 || view.rows() > info_.max_image_tokens ||
          view.columns() != info_.image_token_width) {
        fail(ErrorCode::kInvalidArgument, "image tokens of {} x {}; at most {} rows of {} are wanted",
             view.rows(), view.columns(), info_.max_image_tokens, info_.image_token_width);
      }
      tokens.push_back(as_tensor(view));
    }
    for (const MatchPair& pair : pairs) {
      if (pair.text >= texts.size() || pair.image >= tokens.size()) {
        fail(ErrorCode::kInvalidArgument,
             "a pair of text {} and image {}; there are {} and {}, counted from 0", pair.text, pair.image,
             texts.size(), tokens.size());
      }
    }
    std::vector<float> logits(pairs.size());
    if (!pairs.empty())
      copy_rows(network_->match_pairs(text_reader_.group(texts), tokens, pairs), logits.data());
    return logits;
  });
}

}  // namespace tandem::models

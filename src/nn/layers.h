// Linear maps, layer norms and embeddings.
//
// Unlike LibTorch's own, their parameters start uninitialised: a model is filled from a checkpoint, which
// is strict, so random values would cost start-up time and be thrown away.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "nn/bf16_matrix.h"
#include "nn/int8_matrix.h"
#include "tandem/precision.h"

namespace tandem::nn {

// x · weightᵀ + bias; weight: out × in.
class LinearImpl : public torch::nn::Module {
 public:
  LinearImpl(std::int64_t in, std::int64_t out, bool bias = true);
  at::Tensor forward(const at::Tensor& x) const;
  // Computes with such numbers from here on, and forgets those that they were made from: for networks that
  // are not trained. `x` may be of any type; results are bf16 where weights are, else float32.
  void set_precision(Precision precision);
  // The same with kBf16, but that others may read `weight` as before. Where the processor does not gain by
  // products of bf16, the rounded numbers stay float32.
  void round_to_bf16();
  const Int8Matrix& int8() const { return int8_; }  // defined with kInt8

  at::Tensor weight;  // rounded to bf16 with kBf16, or empty; empty with kInt8
  at::Tensor bias;    // undefined without bias

 private:
  Int8Matrix int8_;
  Bf16Matrix bf16_;  // with kBf16, where the processor gains by it
};
TORCH_MODULE(Linear);

class LayerNormImpl : public torch::nn::Module {
 public:
  LayerNormImpl(std::int64_t width, double eps);
  at::Tensor forward(const at::Tensor& x) const {
    return at::layer_norm(x, {weight.size(0)}, weight, bias, eps_);
  }

  at::Tensor weight;
  at::Tensor bias;

 private:
  double eps_;
};
TORCH_MODULE(LayerNorm);

// Row `id` of a table of count × width.
class EmbeddingImpl : public torch::nn::Module {
 public:
  EmbeddingImpl(std::int64_t count, std::int64_t width);
  at::Tensor forward(const at::Tensor& ids) const { return at::embedding(weight, ids); }

  at::Tensor weight;
};
TORCH_MODULE(Embedding);

// The table of a vocabulary, of whose rows a text asks for few.
class VocabularyImpl : public EmbeddingImpl {
 public:
  using EmbeddingImpl::EmbeddingImpl;
  at::Tensor forward(const at::Tensor& ids) const;
  // Takes int8 rows, count × width, and what a step of each is, count, in the place of `weight`, which is
  // undefined then: for networks that are not trained. Rows are multiplied as they are asked for, to the same
  // numbers.
  void keep_int8(at::Tensor steps, at::Tensor scales);

 private:
  at::Tensor steps_;
  at::Tensor scales_;
};
TORCH_MODULE(Vocabulary);

// Rows of length 1 along the last dimension; a row of zeros stays zero.
at::Tensor normalize_rows(const at::Tensor& x);

}  // namespace tandem::nn

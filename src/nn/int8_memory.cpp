#include "nn/int8_memory.h"

#include <ATen/Parallel.h>

#include <cstdint>
#include <tuple>
#include <utility>

#include "core/vectorised.h"
#include "nn/int8_rows.h"

namespace tandem::nn {
namespace {

constexpr std::int64_t kRowsPerTask = 64;

std::uint8_t* bytes_of(const at::Tensor& steps) {
  return reinterpret_cast<std::uint8_t*>(steps.data_ptr<std::int8_t>());
}

// Signed steps of all rows of the last dimension, and what a step of each stands for.
std::pair<at::Tensor, at::Tensor> quantise(const at::Tensor& values) {
  const at::Tensor from = values.contiguous();
  const std::int64_t width = from.size(-1);
  const at::Tensor steps = at::empty(from.sizes(), at::kChar);
  const at::Tensor scales = at::empty(from.sizes().slice(0, from.sizes().size() - 1), at::kFloat);
  at::parallel_for(0, scales.numel(), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      scales.data_ptr<float>()[i] =
          quantise_row(from.data_ptr<float>() + i * width, width, 0, bytes_of(steps) + i * width);
    }
  });
  return {steps, scales};
}

// `factors`: null for none.
TANDEM_VECTORISED void scale(const std::int32_t* sums, float factor, const float* factors, std::int64_t width,
                             float* out) {
  for (std::int64_t i = 0; i < width; ++i) {
    out[i] = static_cast<float>(sums[i]) * factor * (factors != nullptr ? factors[i] : 1);
  }
}

TANDEM_VECTORISED void multiply(float* values, const float* factors, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) values[i] *= factors[i];
}

}  // namespace

Int8Memory::Int8Memory(const at::Tensor& tokens) { std::tie(steps_, scales_) = quantise(tokens); }

at::Tensor Int8Memory::attend(const at::Tensor& queries, double scale) const {
  const at::Tensor means = at::empty(queries.sizes(), at::kFloat);
  float* const out = means.data_ptr<float>();
  // A memory for each thread, whose cache holds it from the scores to the mean. Of a single one, the threads
  // share out the rows.
  at::parallel_for(0, queries.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) attend_one(i, queries[i], scale, out + i * queries[i].numel());
  });
  return means;
}

void Int8Memory::attend_one(std::int64_t memory, const at::Tensor& queries, double scale, float* out) const {
  const at::Tensor tokens = steps_[memory];
  const float* const token_scales = scales_[memory].data_ptr<float>();
  const std::int64_t rows = queries.size(0), length = tokens.size(0), width = tokens.size(1);

  const auto [query_steps, query_scales] = quantise(queries);
  const at::Tensor products = at::_int_mm(query_steps, tokens.t());
  const at::Tensor scores = at::empty({rows, length}, at::kFloat);
  for (std::int64_t i = 0; i < rows; ++i) {
    const float factor = query_scales.data_ptr<float>()[i] * static_cast<float>(scale);
    nn::scale(products.data_ptr<std::int32_t>() + i * length, factor, token_scales, length,
              scores.data_ptr<float>() + i * length);
  }

  // The weights take in the scales of the tokens, which are summed up by them.
  const at::Tensor weights = at::softmax(scores, -1);
  for (std::int64_t i = 0; i < rows; ++i) {
    multiply(weights.data_ptr<float>() + i * length, token_scales, length);
  }
  const auto [weight_steps, weight_scales] = quantise(weights);
  const at::Tensor sums = at::_int_mm(weight_steps, tokens);
  for (std::int64_t i = 0; i < rows; ++i) {
    nn::scale(sums.data_ptr<std::int32_t>() + i * width, weight_scales.data_ptr<float>()[i], nullptr, width,
              out + i * width);
  }
}

}  // namespace tandem::nn

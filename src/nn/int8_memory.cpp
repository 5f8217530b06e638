#include "nn/int8_memory.h"

#include <ATen/Parallel.h>

#include <cstdint>
#include <vector>

#include "core/vectorised.h"
#include "nn/int8_rows.h"
#include "nn/row_blocks.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

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

Int8Memory::Int8Memory(const at::Tensor& tokens) : tokens_(quantise(tokens, 0)) {}

at::Tensor Int8Memory::attend(const at::Tensor& queries, double scale) const {
  const at::Tensor means =
      at::empty({queries.size(1), queries.size(0), queries.size(2), queries.size(3)}, at::kFloat)
          .transpose(0, 1);
  // A memory for each thread, whose cache holds it from the scores to the mean. Of a single one, the threads
  // share out the rows.
  at::parallel_for(0, queries.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) attend_one(i, queries[i], scale, means[i]);
  });
  return means;
}

void Int8Memory::attend_one(std::int64_t memory, const at::Tensor& queries, double scale,
                            const at::Tensor& out) const {
  const at::Tensor tokens = tokens_.steps[memory];
  const float* const token_scales = &tokens_.scale(memory * tokens.size(0));
  const std::int64_t rows = queries.size(0) * queries.size(1), length = tokens.size(0),
                     width = tokens.size(1);
  const auto row_of = [count = queries.size(1)](const at::Tensor& all, std::int64_t i) {
    return all.data_ptr<float>() + i / count * all.stride(0) + i % count * all.stride(1);
  };

  const Int8Rows asked = make_int8_rows({rows, width}, 0);
  for_each_row(rows, [&](std::int64_t i) {
    asked.scale(i) = quantise_row(row_of(queries, i), width, 0, asked.row(i));
  });
  const at::Tensor products = at::_int_mm(asked.steps, tokens.t());
  const Int8Rows shares = make_int8_rows({rows, length}, 0);
  for_each_row(rows, [&](std::int64_t i) {
    std::vector<float> row(static_cast<std::size_t>(length));
    nn::scale(products.data_ptr<std::int32_t>() + i * length, asked.scale(i) * static_cast<float>(scale),
              token_scales, length, row.data());
    const float sum = exponentiate_row(row.data(), length);
    // The shares take in the scales of the tokens, which are summed up by them.
    multiply(row.data(), token_scales, length);
    shares.scale(i) = quantise_row(row.data(), length, 0, shares.row(i)) / sum;
  });
  const at::Tensor sums = at::_int_mm(shares.steps, tokens);
  for_each_row(rows, [&](std::int64_t i) {
    nn::scale(sums.data_ptr<std::int32_t>() + i * width, shares.scale(i), nullptr, width, row_of(out, i));
  });
}

}  // namespace tandem::nn

#include "nn/int8_memory.h"

#include <ATen/Parallel.h>

#include <cstdint>
#include <vector>

#include "core/vectorised.h"
#include "nn/row_blocks.h"
#include "nn/vector_exp.h"

namespace tandem::nn {
namespace {

TANDEM_VECTORISED void multiply(float* values, const float* factors, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) values[i] *= factors[i];
}

}  // namespace

Int8Memory::Int8Memory(const at::Tensor& tokens) : memories_(static_cast<std::size_t>(tokens.size(0))) {
  const at::Tensor unscaled = at::ones({tokens.size(2)}, at::kFloat);
  at::parallel_for(0, tokens.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) {
      const Int8Rows rows(tokens[i], kSignedBytes);
      Tokens& packed = memories_[static_cast<std::size_t>(i)];
      packed.keys = PackedBytes(rows.steps(), rows.scales());
      packed.values = PackedBytes(rows.steps().t().contiguous(), unscaled);
      packed.scales = rows.scales();
    }
  });
}

at::Tensor Int8Memory::attend(const at::Tensor& queries, double scale) const {
  const at::Tensor means =
      at::empty({queries.size(1), queries.size(0), queries.size(2), queries.size(3)}, at::kFloat)
          .transpose(0, 1);
  // A memory for each thread, whose cache holds it from the scores to the mean. Of a single one, the threads
  // share out the rows.
  at::parallel_for(0, queries.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) {
      attend_one(memories_[static_cast<std::size_t>(i)], queries[i], scale, means[i]);
    }
  });
  return means;
}

void Int8Memory::attend_one(const Tokens& tokens, const at::Tensor& queries, double scale,
                            const at::Tensor& out) {
  const std::int64_t rows = queries.size(0) * queries.size(1), length = tokens.keys.out(),
                     width = tokens.values.out();
  const auto row_of = [count = queries.size(1)](const at::Tensor& all, std::int64_t i) {
    return all.data_ptr<float>() + i / count * all.stride(0) + i % count * all.stride(1);
  };

  Int8Rows asked({rows, width}, byte_range());
  for_each_row(rows, [&](std::int64_t i) { asked.set(i, row_of(queries, i)); });
  const at::Tensor scores = tokens.keys.multiply(asked);
  Int8Rows shares({rows, length}, positive_byte_range());
  for_each_row(rows, [&](std::int64_t i) {
    float* const row = scores.data_ptr<float>() + i * length;
    const float sum = exponentiate_row(row, length, asked.scale(i) * static_cast<float>(scale));
    // The shares take in the scales of the tokens, which are summed up by them.
    multiply(row, tokens.scales.data_ptr<float>(), length);
    shares.set(i, row, 1 / sum);
  });
  const at::Tensor sums = tokens.values.multiply(shares);
  for_each_row(rows, [&](std::int64_t i) {
    scale_row(sums.data_ptr<float>() + i * width, shares.scale(i), nullptr, width, row_of(out, i));
  });
}

}  // namespace tandem::nn

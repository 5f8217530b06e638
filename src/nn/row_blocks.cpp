#include "nn/row_blocks.h"

#include <ATen/Parallel.h>

#include <vector>

#include "core/vectorised.h"

namespace tandem::nn {
namespace {

constexpr std::int64_t kLargestBlock = 256;
constexpr std::int64_t kFewestRows = 32;  // of a thread
constexpr std::int64_t kRowsPerTask = 8;

}  // namespace

at::Tensor by_row_blocks(const at::Tensor& x, std::int64_t out,
                         const std::function<void(const at::Tensor& rows, float* result)>& compute) {
  const at::Tensor rows = x.reshape({-1, x.size(-1)});
  const std::int64_t count = rows.size(0), threads = at::get_num_threads();
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out;
  const at::Tensor result = at::empty(shape, at::kFloat);
  auto* const values = result.data_ptr<float>();
  if (at::in_parallel_region() || count < kFewestRows * threads) {
    compute(rows, values);
    return result;
  }
  // As many for each thread.
  const std::int64_t blocks = threads * ((count - 1) / (threads * kLargestBlock) + 1);
  at::parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode inference;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = count * i / blocks, last = count * (i + 1) / blocks;
      compute(rows.slice(0, first, last), values + first * out);
    }
  });
  return result;
}

void for_each_row(std::int64_t count, const std::function<void(std::int64_t)>& compute) {
  at::parallel_for(0, count, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) compute(i);
  });
}

TANDEM_VECTORISED void scale_row(const float* row, float factor, const float* bias, std::int64_t width,
                                 float* result) {
  for (std::int64_t i = 0; i < width; ++i) result[i] = row[i] * factor + (bias != nullptr ? bias[i] : 0);
}

}  // namespace tandem::nn

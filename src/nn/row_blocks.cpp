#include "nn/row_blocks.h"

#include <ATen/Parallel.h>

#include <vector>

namespace tandem::nn {
namespace {

constexpr std::int64_t kLargestBlock = 256;
constexpr std::int64_t kFewestRows = 32;  // of a thread

}  // namespace

at::Tensor by_row_blocks(const at::Tensor& x, std::int64_t out,
                         const std::function<at::Tensor(const at::Tensor&)>& compute) {
  const at::Tensor rows = x.reshape({-1, x.size(-1)});
  const std::int64_t count = rows.size(0), threads = at::get_num_threads();
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out;
  if (at::in_parallel_region() || count < kFewestRows * threads) return compute(rows).reshape(shape);

  const at::Tensor result = at::empty({count, out}, at::kFloat);
  // As many for each thread.
  const std::int64_t blocks = threads * ((count - 1) / (threads * kLargestBlock) + 1);
  at::parallel_for(0, blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode inference;  // it holds for one thread
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = count * i / blocks, last = count * (i + 1) / blocks;
      result.slice(0, first, last).copy_(compute(rows.slice(0, first, last)));
    }
  });
  return result.reshape(shape);
}

}  // namespace tandem::nn

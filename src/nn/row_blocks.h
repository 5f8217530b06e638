// Computing rows block by block.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace tandem::nn {

// The threads share out the rows, and each takes a block of them from the first step to the last, which its
// cache holds meanwhile. Where there are too few rows for that, they are computed as one, and the threads
// share out the steps. x: any × in; `compute`: from rows × in to rows × out in float32, one row behind the
// other from `result` on, each by itself. Returns any × out. Without gradients.
at::Tensor by_row_blocks(const at::Tensor& x, std::int64_t out,
                         const std::function<void(const at::Tensor& rows, float* result)>& compute);

// Calls `compute` with each number below `count`; the threads share them out, but for a thread that has its
// own share already.
void for_each_row(std::int64_t count, const std::function<void(std::int64_t)>& compute);

// result = row · factor + bias, with `bias` null for none.
void scale_row(const float* row, float factor, const float* bias, std::int64_t width, float* result);

}  // namespace tandem::nn

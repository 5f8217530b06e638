// Computing rows block by block.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>

namespace tandem::nn {

// The threads share out the rows, and each takes a block of them from the first step to the last, which its
// cache holds meanwhile. Where there are too few rows for that, they are computed as one, and the threads
// share out the steps. x: any × in; `compute`: from rows × in to rows × out in float32, each row by itself.
// Returns any × out. Without gradients.
at::Tensor by_row_blocks(const at::Tensor& x, std::int64_t out,
                         const std::function<at::Tensor(const at::Tensor&)>& compute);

}  // namespace tandem::nn

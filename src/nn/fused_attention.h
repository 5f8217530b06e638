// Scaled dot-product attention whose scores stay in the cache.
//
// Free functions.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tandem::nn {

// Whether attend_fused() can do it, and faster than LibTorch on this processor.
bool fuses_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     std::int64_t heads);
// As attend(), without dropout and gradients. The scores of some queries at a time with all keys, in float32,
// their softmax, and the sums of values by them.
at::Tensor attend_fused(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        std::int64_t heads, bool causal);

}  // namespace tandem::nn

// Sequences of several lengths through one network, without padding: their tokens are the rows of one matrix.
//
// Most of a transformer looks at one token at a time, so that it need not know where a sequence ends; only
// attention does.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

namespace tandem::nn {

// Sequences of one length, next to each other.
struct Run {
  std::int64_t sequences = 0;
  std::int64_t length = 0;
};

// rows × width. `parts`: each sequences × length × width.
at::Tensor pack(const std::vector<at::Tensor>& parts);
// Each run as sequences × length × width.
std::vector<at::Tensor> unpack(const at::Tensor& rows, std::span<const Run> runs);
// The mean of each sequence: sequences × width, in their order.
at::Tensor means(const at::Tensor& rows, std::span<const Run> runs);
// The mean of each stretch of rows; `lengths`: how long they are, one after the other.
at::Tensor stretch_means(const at::Tensor& rows, const std::vector<std::int64_t>& lengths);

}  // namespace tandem::nn

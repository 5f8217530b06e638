// States of texts that were computed once, where what computes them does not change.
//
// Const methods may be called from many threads.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace tandem::models {

class KeptStates {
 public:
  // ids: texts × tokens, int64; states: texts × tokens × width.
  void add(const at::Tensor& ids, const at::Tensor& states);
  // All of them as rows, one text after the other, in the order of the groups; undefined where one of them
  // is not kept. ids: of each group texts × tokens.
  at::Tensor find(std::span<const at::Tensor> ids) const;

 private:
  std::map<std::vector<std::int64_t>, at::Tensor> states_;  // tokens × width
};

}  // namespace tandem::models

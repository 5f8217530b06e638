// Operators of LibTorch that its C++ headers do not declare.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace tandem::nn {

// The one result of the operator of that name ("onednn::qlinear_prepack"), with all arguments in the order of
// its schema. Throws c10::Error where this LibTorch has no such operator.
at::Tensor call_operator(const char* name, std::vector<c10::IValue> arguments);

}  // namespace tandem::nn

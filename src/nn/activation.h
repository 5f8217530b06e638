// Activation functions by the names that checkpoints give them.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>

namespace tandem::nn {

enum class Activation { kGelu, kGeluTanh, kQuickGelu, kRelu, kSilu };

// Accepts the names of Hugging Face configurations ("gelu", "quick_gelu", "gelu_new", ...).
// Throws Unsupported, naming `where` the name was found and what is known.
Activation parse_activation(const std::string& name, const std::string& where);

at::Tensor activate(Activation activation, const at::Tensor& x);

// In place, within 1e-5 of the larger of 1 and the value: for what is brought to 8 bits afterwards.
void activate_row(Activation activation, float* row, std::int64_t width);

}  // namespace tandem::nn

// Reading the sizes of a transformer from a Hugging Face configuration.
#pragma once

#include <string>

#include "checkpoint/model_config.h"
#include "nn/transformer.h"

namespace tandem::models {

// The object `name` of a configuration, or an empty one, which leaves every field at its default.
checkpoint::Config sub_config(const checkpoint::Config& config, const std::string& name);

// Fills layers, width, heads, hidden, eps and activation of `defaults` from the fields num_hidden_layers,
// hidden_size, num_attention_heads, intermediate_size, layer_norm_eps and hidden_act where they are there.
// Throws BadFormat, for one where the width does not divide by the heads.
nn::TransformerConfig read_transformer_config(const checkpoint::Config& config,
                                              nn::TransformerConfig defaults);

}  // namespace tandem::models

#include "models/transformer_config.h"

#include <fmt/format.h>

#include <utility>

namespace tandem::models {
namespace {

// Bounds that keep a lying file from asking for absurd amounts of memory.
constexpr checkpoint::IntRange kWidths = {1, 1 << 16};
constexpr checkpoint::IntRange kLayers = {1, 1 << 10};

}  // namespace

checkpoint::Config sub_config(const checkpoint::Config& config, const std::string& name) {
  if (auto found = config.find_object(name)) return *std::move(found);
  return checkpoint::Config::parse("{}", "config.json: " + name);
}

nn::TransformerConfig read_transformer_config(const checkpoint::Config& config,
                                              nn::TransformerConfig defaults) {
  nn::TransformerConfig read = defaults;
  read.layers = config.get_int("num_hidden_layers", defaults.layers, kLayers);
  read.width = config.get_int("hidden_size", defaults.width, kWidths);
  read.heads = config.get_int("num_attention_heads", defaults.heads, kWidths);
  read.hidden = config.get_int("intermediate_size", defaults.hidden, kWidths);
  read.eps = config.get_float("layer_norm_eps", defaults.eps);
  if (config.has("hidden_act")) {
    read.activation = nn::parse_activation(config.get_string("hidden_act"), "config.json: hidden_act");
  }
  if (read.width % read.heads != 0) {
    config.reject("hidden_size", fmt::format("a multiple of num_attention_heads ({})", read.heads));
  }
  return read;
}

}  // namespace tandem::models

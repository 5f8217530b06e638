// The sizes of a BridgeTower model.
#pragma once

#include <cstdint>

#include "checkpoint/model_config.h"
#include "models/bridgetower/cross_modal.h"
#include "nn/text_embeddings.h"
#include "nn/transformer.h"
#include "nn/vision_transformer.h"

namespace tandem::models {

struct BridgeTowerConfig {
  nn::TransformerConfig text;
  nn::TextEmbeddingsConfig words;
  nn::VisionTransformerConfig vision;
  CrossModalConfig cross;
  std::int64_t contrastive_dim = 0;  // of the embeddings, where the checkpoint has the heads for them
};

// Reads config.json; what is left out has the reference's default. Throws BadFormat.
BridgeTowerConfig read_bridgetower_config(const checkpoint::Config& config);

}  // namespace tandem::models

// BridgeTower (Xu et al., AAAI 2023), in the layouts of Hugging Face's BridgeTowerForImageAndTextRetrieval
// and BridgeTowerForContrastiveLearning.
//
// Two towers whose upper layers feed a cross-modal encoder through bridges. Which heads a checkpoint has
// decides what the model can do. See models/bridgetower/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions bridgetower_tokenizer(const checkpoint::Config& config);
Blueprint build_bridgetower(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

// BLIP-2 (Li et al., ICML 2023), in the layout of Hugging Face's Blip2ForImageTextRetrieval.
//
// A picture has one embedding for each query of its Q-Former; the best of them is its similarity to a
// text. What matching reads of a picture are the states of the vision tower. See models/blip2/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions blip2_tokenizer(const checkpoint::Config& config);
Blueprint build_blip2(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

// BLIP for image–text retrieval (Li et al., ICML 2022), in the layout of Hugging Face's
// BlipForImageTextRetrieval: a contrastive and a matching head. See models/blip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions blip_tokenizer(const checkpoint::Config& config);
Blueprint build_blip(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

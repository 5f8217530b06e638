// CLIP (Radford et al., ICML 2021), in the layout of Hugging Face's CLIPModel.
//
// Two towers without a matching head: it embeds, it does not match. See models/clip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions clip_tokenizer(const checkpoint::Config& config);
Blueprint build_clip(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

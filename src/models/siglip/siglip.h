// SigLIP (Zhai et al., ICCV 2023) and SigLIP 2 of fixed resolution, in the layout of Hugging Face's
// SiglipModel.
//
// Two towers. Their loss makes the scaled and shifted cosine the log-odds of a match, so that it matches
// too, from the two embeddings. See models/siglip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions siglip_tokenizer(const checkpoint::Config& config);
Blueprint build_siglip(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

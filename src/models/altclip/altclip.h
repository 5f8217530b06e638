// AltCLIP (Chen et al., Findings of ACL 2023), in the layout of Hugging Face's AltCLIPModel.
//
// CLIP's vision side with a multilingual text tower, XLM-R. Like CLIP it embeds and does not match. See
// models/altclip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions altclip_tokenizer(const checkpoint::Config& config);
Blueprint build_altclip(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

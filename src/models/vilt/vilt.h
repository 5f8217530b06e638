// ViLT (Kim et al., ICML 2021), in the layout of Hugging Face's ViltForImageAndTextRetrieval.
//
// One stream: a transformer reads the text and the patches of the picture together. It matches and does not
// embed. What a match reads of a picture is the input of the stream. See models/vilt/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions vilt_tokenizer(const checkpoint::Config& config);
Blueprint build_vilt(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

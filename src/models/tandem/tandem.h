// The default family: one single-stream transformer whose last layers are shared by the text alone, the
// image alone (bi-encoder) and both together (cross-encoder). See models/default/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions tandem_tokenizer(const checkpoint::Config& config);
Blueprint build_tandem(const ModelFolder& folder, const ModelOptions& options);

}  // namespace tandem::models

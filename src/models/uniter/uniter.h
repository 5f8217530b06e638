// UNITER (Chen et al., ECCV 2020) and VILLA (Gan et al., NeurIPS 2020), which has its architecture: BERT that
// reads words and regions.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions uniter_tokenizer(const checkpoint::Config& config);
Blueprint build_uniter(const ModelFolder& folder, const ModelOptions& options);
// A folder of the paper's code (paper_layout.h).
std::optional<ModelFolder> find_uniter_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

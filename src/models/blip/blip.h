// BLIP for image–text retrieval (Li et al., ICML 2022), in the layout of Hugging Face's
// BlipForImageTextRetrieval: a contrastive and a matching head. See models/blip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions blip_tokenizer(const checkpoint::Config& config);
Blueprint build_blip(const ModelFolder& folder, const ModelOptions& options);
// A folder without config.json that has one .pth file, as the authors of BLIP publish their weights.
std::optional<ModelFolder> find_blip_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

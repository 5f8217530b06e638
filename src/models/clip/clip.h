// CLIP (Radford et al., ICML 2021), in the layout of Hugging Face's CLIPModel.
//
// Two towers without a matching head: it embeds, it does not match. See models/clip/README.md.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions clip_tokenizer(const checkpoint::Config& config);
Blueprint build_clip(const ModelFolder& folder, const ModelOptions& options);

// A folder without config.json that has open_clip_config.json, or one .pt file: the TorchScript archive that
// OpenAI offers for download, or its state dict.
std::optional<ModelFolder> find_clip_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

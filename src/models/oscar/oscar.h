// OSCAR (Li et al., ECCV 2020): BERT that reads words, names of objects, and regions.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions oscar_tokenizer(const checkpoint::Config& config);
Blueprint build_oscar(const ModelFolder& folder, const ModelOptions& options);
// A folder of the paper's code (paper_layout.h).
std::optional<ModelFolder> find_oscar_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

// M3P (Ni et al., CVPR 2021): XLM-R that reads regions and words of a hundred languages.
#pragma once

#include "models/family.h"

namespace tandem::models {

text::TokenizerOptions m3p_tokenizer(const checkpoint::Config& config);
Blueprint build_m3p(const ModelFolder& folder, const ModelOptions& options);
// A folder of the paper's code (paper_layout.h).
std::optional<ModelFolder> find_m3p_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

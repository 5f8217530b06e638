// Model folders as the paper's code writes them (github.com/UKPLab/MMT-Retrieval): modules.json lists
// folders, one for the transformer, one for each head.
//
// Thread-safe: free functions.
#pragma once

#include <filesystem>

#include "core/file_system.h"
#include "models/family.h"

namespace tandem::models {

bool is_paper_layout(const std::filesystem::path& folder, const FileSystem& files);

// The same model in the words of this library: a configuration of the families oscar, uniter or m3p, and its
// weights together under the names that these families have. Throws NotFound, BadFormat, Unsupported (a
// module of another kind).
ModelFolder open_paper_layout(const std::filesystem::path& folder, const FileSystem& files);

}  // namespace tandem::models

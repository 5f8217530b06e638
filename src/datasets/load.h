// Datasets through a file layer that a test may replace.
//
// Thread-safe: free functions.
#pragma once

#include <filesystem>

#include "core/file_system.h"
#include "tandem/datasets.h"

namespace tandem::datasets {

// As tandem::load_dataset().
LoadedDataset load_dataset(const FileSystem& files, const std::filesystem::path& path,
                           const DatasetOptions& options);

}  // namespace tandem::datasets

// Writing a model as a folder that loads again.
//
// For one thread.
#pragma once

#include <filesystem>

#include "core/file_system.h"
#include "models/load_parts.h"
#include "tandem/convert.h"

namespace tandem::models {

// Weights as they are in the network now, under the names of the family's first layout, configuration,
// tokenizer and preprocessing. Each file of `folder`, which is absolute, is replaced whole; the weights come
// first. Throws Backend where the disk does not take it, Cancelled.
void save_model(const LoadedParts& model, const std::filesystem::path& folder, const ConvertOptions& options,
                FileSystem& files);

}  // namespace tandem::models

// A model folder with its network filled: what loading and converting have in common.
//
// Thread-safe: a free function.
#pragma once

#include <filesystem>
#include <memory>

#include "checkpoint/safetensors_index.h"
#include "core/file_system.h"
#include "models/family.h"

namespace tandem::models {

struct LoadedParts {
  ModelFolder folder;
  const Family* family;
  text::TokenizerOptions tokenizer_options;
  std::shared_ptr<const Tokenizer> tokenizer;
  checkpoint::Weights weights;
  Blueprint blueprint;  // its network has its weights
};

// Throws what Model::load() throws.
LoadedParts load_parts(const std::filesystem::path& path, const ModelOptions& options,
                       const FileSystem& files);

}  // namespace tandem::models

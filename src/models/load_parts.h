// A model folder with its network filled: what loading and converting have in common.
//
// Thread-safe: a free function.
#pragma once

#include <memory>
#include <string>
#include <vector>

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
  // Parameters of ours that the checkpoint has not; they have no values yet.
  std::vector<std::string> missing;
};

// Whether what Blueprint::heads names may be missing.
enum class Heads { kRequired, kOptional };

// Throws what Model::load() throws.
LoadedParts load_parts(ModelFolder folder, const ModelOptions& options, const FileSystem& files,
                       Heads heads = Heads::kRequired);

// What brings pictures to what the model reads. Throws what Model::load() throws.
std::unique_ptr<ImageReader> make_image_reader(const LoadedParts& parts, const ModelOptions& options,
                                               const FileSystem& files);

}  // namespace tandem::models

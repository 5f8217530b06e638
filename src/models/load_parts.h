// A model folder with its network filled: what loading and converting have in common.
//
// Thread-safe: a free function.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "checkpoint/safetensors_index.h"
#include "core/file_system.h"
#include "models/family.h"
#include "models/load_weights.h"

namespace tandem::models {

// Bytes that a file of text in a model folder may have: its configuration, those of its tokenizer.
inline constexpr std::uint64_t kMaxTextFile = std::uint64_t{256} << 20;

struct LoadedParts {
  ModelFolder folder;
  const Family* family;
  text::TokenizerOptions tokenizer_options;
  std::shared_ptr<const Tokenizer> tokenizer;
  Blueprint blueprint;
  WeightLoader loader;  // of its network
  std::string weights_fingerprint;
};

// What a network is loaded for. To be trained it may lack what Blueprint::heads names. To be used only it is
// compact, as WeightLoader::load() has it, and its tower is left to be loaded.
enum class Purpose { kUse, kConvert, kTrain };

// Throws what Model::load() throws.
LoadedParts load_parts(ModelFolder folder, const ModelOptions& options, const FileSystem& files,
                       Purpose purpose);

// What brings pictures to what the model reads. Throws what Model::load() throws.
std::unique_ptr<ImageReader> make_image_reader(const LoadedParts& parts, const ModelOptions& options,
                                               const FileSystem& files);

}  // namespace tandem::models

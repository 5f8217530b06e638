// What the library knows about a model family, and the one table of them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "checkpoint/model_config.h"
#include "checkpoint/safetensors_index.h"
#include "core/file_system.h"
#include "models/image_reader.h"
#include "models/name_map.h"
#include "models/network.h"
#include "tandem/model.h"
#include "text/tokenizer_loader.h"

namespace tandem::models {

// A text, and where it is from, for messages.
struct TextFile {
  std::string place;
  std::string text;
};

// A model folder whose configuration has been read.
struct ModelFolder {
  std::filesystem::path path;
  checkpoint::Config config;
  std::filesystem::path tokenizer;             // the folder of the tokenizer's files
  std::optional<checkpoint::Weights> weights;  // where they are not simply those in the folder
  std::optional<TextFile> preprocessing;       // preprocessor_config.json or what stands in its place
};

// A model of a family, without its weights yet.
struct Blueprint {
  std::shared_ptr<Network> network;
  NameMap names;
  std::vector<std::string> ignored_weights;  // patterns of names that a checkpoint may have beside
  // Patterns of our names that training may begin without ("match_out.*"), which are then made anew.
  std::vector<std::string> heads = {};
  std::variant<PixelSpec, RegionSpec> images;
  std::size_t vocabulary_size = 0;  // rows of the word embedding
  std::size_t surplus_tokens = 0;   // entries of the tokenizer beyond it that no text is meant to have
  std::optional<Capabilities> capabilities;  // where the checkpoint decides which of the family's it has
  // Sizes only: the loader fills in family, path, capabilities and fingerprints.
  ModelInfo info;
};

// What a family's models are stored as beside Hugging Face's layout: folders of their authors, whose
// configuration is not config.json.
struct OtherLayout {
  const char* known_by = nullptr;  // the files that tell it, for messages: "modules.json"
  // The folder in the words of config.json, or nothing where it is none of this layout. Throws what
  // Model::load() throws where it is one that cannot be read.
  std::optional<ModelFolder> (*open)(const std::filesystem::path& folder, const FileSystem& files) = nullptr;
};

struct Family {
  FamilyInfo info;
  text::TokenizerOptions (*tokenizer)(const checkpoint::Config& config);
  Blueprint (*build)(const ModelFolder& folder, const ModelOptions& options);
  OtherLayout other = {};
};

// All families, in the order in which they are listed to users.
std::span<const Family> families();

// Reads config.json or, where it is missing or names no model_type, what stands in its place in the layout of
// a family's authors. Throws NotFound where there is neither, BadFormat, Unsupported.
ModelFolder open_model_folder(const std::filesystem::path& folder, const FileSystem& files);

// The family that config.json names. Throws Unsupported, listing those that are known.
const Family& family_of(const ModelFolder& folder);

}  // namespace tandem::models

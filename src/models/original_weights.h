// Checkpoints that are weights alone: their file, and the sizes of the network from the shapes of its
// weights.
//
// Thread-safe: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "checkpoint/safetensors_index.h"
#include "core/file_system.h"
#include "models/family.h"

namespace tandem::models {

// The weights in the one file of the folder whose name ends in `extension` (".pt"); nothing where there is
// none, or where there are several. Throws what Weights::open_file() throws.
std::optional<checkpoint::Weights> open_single_file(const std::filesystem::path& folder,
                                                    const std::string& extension, const FileSystem& files);

// The folder of such a checkpoint: `config` in the words of config.json, `preprocessing` in those of
// preprocessor_config.json.
ModelFolder original_folder(const std::filesystem::path& folder, const nlohmann::json& config,
                            const nlohmann::json& preprocessing, checkpoint::Weights weights);

// The size of dimension `dimension`, counted from 0, of a weight. Throws BadFormat where there is none.
std::int64_t side_of(const checkpoint::Weights& weights, const std::string& name, std::size_t dimension);

// How many layers there are: weights BEFORE0AFTER, BEFORE1AFTER and so on, up to the first that is missing.
std::int64_t count_layers(const checkpoint::Weights& weights, const std::string& before,
                          const std::string& after);

// Heads of attention in a transformer of CLIP or BERT that is `width` wide: one for each 64. Throws BadFormat
// where that is no whole number; `weights` stands for the place.
std::int64_t heads_of_64(const checkpoint::Weights& weights, std::int64_t width);

// The side of the square that `positions` positions cover, one of which is the class token's. Throws
// BadFormat where it is none.
std::int64_t square_side(const checkpoint::Weights& weights, std::int64_t positions);

}  // namespace tandem::models

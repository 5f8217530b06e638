// Model folders as the paper's code writes them (github.com/UKPLab/MMT-Retrieval): modules.json lists
// folders, one for the transformer, one for each head. What the families oscar, uniter and m3p share of them.
//
// Thread-safe: free functions.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "core/file_system.h"
#include "models/family.h"

namespace tandem::models {

inline constexpr const char* kModulesFile = "modules.json";

struct PaperFolder {
  std::filesystem::path path;
  std::string transformer;      // its class: "OSCAR", "DoubleOSCAR"
  std::filesystem::path inner;  // its folder
  checkpoint::Config settings;  // of the transformer
  std::optional<std::filesystem::path> head;
  std::optional<std::filesystem::path> pooling;

  // Of all its classes the names end so: "OSCAR" of "JointOSCAR".
  bool is_a(const char* kind) const { return transformer.ends_with(kind); }
};

// Nothing where there is no modules.json. Throws BadFormat, NotFound, Unsupported (a module of another kind).
std::optional<PaperFolder> find_paper_folder(const std::filesystem::path& folder, const FileSystem& files);

// The weights of the transformer, under the names of BERT.
checkpoint::Weights open_bert(const PaperFolder& paper, const FileSystem& files);

// The fields of `sizes` that BERT's configurations have too, as far as they are there.
nlohmann::json bert_sizes(const nlohmann::json& sizes);

// The same model in the words of this library: adds to `config` limits, pooling and heads, and to `weights`
// those of the heads.
ModelFolder finish_paper(const PaperFolder& paper, nlohmann::json config, checkpoint::Weights weights,
                         const FileSystem& files);

}  // namespace tandem::models

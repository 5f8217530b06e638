#include "models/paper_layout.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "checkpoint/json.h"
#include "core/fail.h"
#include "models/original_weights.h"

namespace tandem::models {
namespace {

namespace fs = std::filesystem;
using checkpoint::Config;
using checkpoint::Weights;
using nlohmann::json;

constexpr const char* kSettings = "sentence_bert_config.json";
constexpr std::uint64_t kMaxModulesBytes = 1'000'000;

// What the names of a transformer's classes end with.
constexpr std::array kTransformers = {"OSCAR", "UNITER", "M3P"};

bool is_there(const fs::path& path, const FileSystem& files) {
  return files.status(path).kind != FileKind::kMissing;
}

// Only the last part of a class's name matters, and a folder is one within the model's.
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

// Old files have the prefix of a larger module, and names of a layer norm's parts that were given up.
std::string bert_name(const std::string& name) {
  std::string plain = name.starts_with("bert.") ? name.substr(5) : name;
  if (plain.ends_with(".gamma")) plain.replace(plain.size() - 5, 5, "weight");
  if (plain.ends_with(".beta")) plain.replace(plain.size() - 4, 4, "bias");
  return plain;
}

std::string head_name(const std::string& name) {
  return name.starts_with("classifier.") ? name : "classifier." + name;
}

Weights open_head(const fs::path& folder, const FileSystem& files) {
  const fs::path safe = folder / "class_head.safetensors";
  return Weights::open_file(is_there(safe, files) ? safe : folder / "class_head.pt", files)
      .renamed(head_name);
}

json pooling_config(const Config& pooling) {
  json parts = json::array();
  const auto add = [&](const char* mode, const char* part) {
    if (pooling.get_bool(mode, false)) parts.push_back(part);
  };
  add("pooling_mode_cls_token", "first");
  add("pooling_mode_max_tokens", "max");
  add("pooling_mode_mean_tokens", "mean");
  add("pooling_mode_mean_sqrt_len_tokens", "sum_by_root");
  return parts;
}

// `pooled`: whether the head reads the pooled token. Its layers are those that it has weights for.
json head_config(bool pooled, const Weights& weights) {
  const bool two_layers = weights.find("classifier.0.weight") != nullptr;
  return {{"input", pooled ? "pooled" : "first"},
          {"hidden", two_layers ? side_of(weights, "classifier.0.weight", 0) : 0}};
}

bool reads_pooled(const Config& head) {
  const std::string input = head.get_string("input_key", "pooled_cls_token_embeddings");
  if (input == "pooled_cls_token_embeddings") return true;
  if (input == "cls_token_embeddings") return false;
  head.reject("input_key", "\"cls_token_embeddings\" or \"pooled_cls_token_embeddings\"");
}

}  // namespace

std::optional<PaperFolder> find_paper_folder(const fs::path& folder, const FileSystem& files) {
  if (!is_there(folder / kModulesFile, files)) return std::nullopt;
  const std::string place = (folder / kModulesFile).string();
  const std::vector<std::byte> bytes = files.read(folder / kModulesFile, kMaxModulesBytes);
  const json list =
      checkpoint::parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place, 8);
  if (!list.is_array()) fail(ErrorCode::kBadFormat, "{}: a list of modules is wanted", place);
  std::string transformer;
  fs::path inner;
  std::optional<fs::path> head;
  std::optional<fs::path> pooling;
  for (const json& entry : list) {
    const Config module = Config::parse(entry.is_object() ? entry.dump() : "{}", place);
    const std::string type = last_part(module.get_string("type"));
    const fs::path name = module.get_string("path");
    if (name.has_parent_path() || name == ".." || name.empty()) module.reject("path", "the name of a folder");
    if (type == "ClassificationHead") {
      head = folder / name;
    } else if (type == "Pooling") {
      pooling = folder / name;
    } else if (transformer.empty()) {
      transformer = type;
      inner = folder / name;
    } else {
      fail(ErrorCode::kUnsupported,
           "{}: a module {} beside {}; one transformer is wanted, a ClassificationHead, "
           "a Pooling",
           place, type, transformer);
    }
  }
  if (transformer.empty()) fail(ErrorCode::kBadFormat, "{}: lists no transformer", place);
  if (std::ranges::none_of(kTransformers, [&](const char* kind) { return transformer.ends_with(kind); })) {
    fail(ErrorCode::kUnsupported, "{}: a transformer of class {}; OSCAR, UNITER and M3P are known", place,
         transformer);
  }
  return PaperFolder{folder, transformer, inner, Config::read(inner / kSettings, files), head, pooling};
}

Weights open_bert(const PaperFolder& paper, const FileSystem& files) {
  return Weights::open(paper.inner, files).renamed(bert_name);
}

json bert_sizes(const json& sizes) {
  json kept = json::object();
  for (const char* key :
       {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "hidden_act", "layer_norm_eps", "max_position_embeddings", "type_vocab_size"}) {
    if (sizes.contains(key)) kept[key] = sizes[key];
  }
  return kept;
}

ModelFolder finish_paper(const PaperFolder& paper, json config, Weights weights, const FileSystem& files) {
  const bool own_head = paper.transformer == "DoubleOSCAR" || paper.transformer == "JointM3P";
  if (own_head) weights.add(open_head(paper.inner, files));
  if (paper.head) weights.add(open_head(*paper.head, files));
  config["max_text_tokens"] = paper.settings.get_int("max_seq_length", 128);
  config["max_regions"] = paper.settings.get_int("max_image_seq_len", 50);
  if (paper.pooling) config["pooling"] = pooling_config(Config::read(*paper.pooling / "config.json", files));
  if (paper.head) {
    config["match_head"] = head_config(reads_pooled(Config::read(*paper.head / kSettings, files)), weights);
  } else if (own_head || paper.transformer == "JointOSCAR") {
    config["match_head"] = head_config(!paper.is_a("M3P"), weights);
  }
  return {paper.path,
          Config::parse(config.dump(), (paper.path / kModulesFile).string()),
          paper.inner,
          std::move(weights),
          {}};
}

}  // namespace tandem::models

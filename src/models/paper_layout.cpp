#include "models/paper_layout.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/json.h"
#include "core/fail.h"

namespace tandem::models {
namespace {

namespace fs = std::filesystem;
using checkpoint::Config;
using checkpoint::Weights;
using nlohmann::json;

constexpr const char* kModules = "modules.json";
constexpr const char* kSettings = "sentence_bert_config.json";
constexpr std::uint64_t kMaxBytes = 1'000'000;

struct Modules {
  std::string transformer;  // its class
  fs::path transformer_folder;
  std::optional<fs::path> head;
  std::optional<fs::path> pooling;
};

bool is_there(const fs::path& path, const FileSystem& files) {
  return files.status(path).kind != FileKind::kMissing;
}

// Only the last part of a class's name matters, and a folder is one within the model's.
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

Modules read_modules(const fs::path& folder, const FileSystem& files) {
  const std::string place = (folder / kModules).string();
  const std::vector<std::byte> bytes = files.read(folder / kModules, kMaxBytes);
  const json list =
      checkpoint::parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place, 8);
  if (!list.is_array()) fail(ErrorCode::kBadFormat, "{}: a list of modules is wanted", place);
  Modules modules;
  for (const json& entry : list) {
    const Config module = Config::parse(entry.is_object() ? entry.dump() : "{}", place);
    const std::string type = last_part(module.get_string("type"));
    const fs::path name = module.get_string("path");
    if (name.has_parent_path() || name == ".." || name.empty()) module.reject("path", "the name of a folder");
    if (type == "ClassificationHead") {
      modules.head = folder / name;
    } else if (type == "Pooling") {
      modules.pooling = folder / name;
    } else if (modules.transformer.empty()) {
      modules.transformer = type;
      modules.transformer_folder = folder / name;
    } else {
      fail(ErrorCode::kUnsupported,
           "{}: a module {} beside {}; one transformer is wanted, a ClassificationHead, "
           "a Pooling",
           place, type, modules.transformer);
    }
  }
  if (modules.transformer.empty()) fail(ErrorCode::kBadFormat, "{}: lists no transformer", place);
  return modules;
}

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

Weights open_m3p(const fs::path& folder, const FileSystem& files) {
  if (is_there(folder / "model.safetensors", files)) return Weights::open(folder, files);
  return Weights::open_file(folder / "m3p_under_weights.pth", files, "model");
}

std::int64_t side(const Weights& weights, const std::string& name, std::size_t dimension) {
  const checkpoint::TensorView* tensor = weights.find(name);
  if (tensor == nullptr || tensor->shape.size() <= dimension) {
    fail(ErrorCode::kBadFormat, "{}: has no weight {} of the right shape", weights.folder().string(), name);
  }
  return tensor->shape[dimension];
}

// The fields that BERT's configurations have too, where they are there.
json copied_sizes(const Config& sizes) {
  json copied = json::parse(sizes.dump());
  json kept = json::object();
  for (const char* key :
       {"vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
        "hidden_act", "layer_norm_eps", "max_position_embeddings", "type_vocab_size"}) {
    if (copied.contains(key)) kept[key] = copied[key];
  }
  return kept;
}

json oscar_config(const fs::path& folder, const FileSystem& files) {
  const Config sizes = Config::read(folder / "config.json", files);
  json config = copied_sizes(sizes);
  config["model_type"] = "oscar";
  // The region's features with the six numbers of its box.
  config["feature_width"] = sizes.get_int("img_feature_dim", 2054, {7, 1 << 16}) - 6;
  const json all = json::parse(sizes.dump());
  const json norm = all.value("use_img_layernorm", json());
  config["region_layer_norm"] = norm.is_boolean() ? norm.get<bool>() : norm.is_number() && norm != 0;
  config["region_layer_norm_eps"] = sizes.get_float("img_layer_norm_eps", 1e-12);
  return config;
}

json uniter_config(const fs::path& folder, const Config& settings, const Weights& weights,
                   const FileSystem& files) {
  // The path is one of the machine that trained the model.
  const fs::path named = settings.get_string("config_file", "uniter-base.json");
  json config = copied_sizes(Config::read(folder / named.filename(), files));
  config["model_type"] = "uniter";
  config["feature_width"] = side(weights, "img_embeddings.img_linear.weight", 1);
  return config;
}

json m3p_config(const Config& settings, const Weights& weights) {
  std::int64_t layers = 0;
  while (weights.find(fmt::format("attentions.{}.q_lin.weight", layers)) != nullptr) ++layers;
  const auto sizes = settings.find_object("model_args");
  const std::int64_t width = side(weights, "embeddings.weight", 1);
  return {{"model_type", "m3p"},
          {"vocab_size", side(weights, "embeddings.weight", 0)},
          {"hidden_size", width},
          {"intermediate_size", 4 * width},
          {"num_hidden_layers", layers},
          {"num_attention_heads", sizes ? sizes->get_int("n_heads", 12) : 12},
          {"max_position_embeddings", side(weights, "position_embeddings.weight", 0)},
          {"feature_width", side(weights, "image_embeddings.image_embeddings.weight", 1)}};
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
          {"hidden", two_layers ? side(weights, "classifier.0.weight", 0) : 0}};
}

bool reads_pooled(const Config& head) {
  const std::string input = head.get_string("input_key", "pooled_cls_token_embeddings");
  if (input == "pooled_cls_token_embeddings") return true;
  if (input == "cls_token_embeddings") return false;
  head.reject("input_key", "\"cls_token_embeddings\" or \"pooled_cls_token_embeddings\"");
}

}  // namespace

bool is_paper_layout(const fs::path& folder, const FileSystem& files) {
  return is_there(folder / kModules, files);
}

ModelFolder open_paper_layout(const fs::path& folder, const FileSystem& files) {
  const Modules modules = read_modules(folder, files);
  const fs::path& inner = modules.transformer_folder;
  const Config settings = Config::read(inner / kSettings, files);
  const bool is_m3p = modules.transformer.ends_with("M3P");

  Weights weights = is_m3p ? open_m3p(inner, files) : Weights::open(inner, files).renamed(bert_name);
  const bool own_head = modules.transformer == "DoubleOSCAR" || modules.transformer == "JointM3P";
  if (own_head) weights.add(open_head(inner, files));
  if (modules.head) weights.add(open_head(*modules.head, files));

  json config;
  if (is_m3p) {
    config = m3p_config(settings, weights);
  } else if (modules.transformer.ends_with("OSCAR")) {
    config = oscar_config(inner, files);
  } else if (modules.transformer == "UNITER") {
    config = uniter_config(inner, settings, weights, files);
  } else {
    fail(ErrorCode::kUnsupported, "{}: a transformer of class {}; OSCAR, UNITER and M3P are known",
         (folder / kModules).string(), modules.transformer);
  }
  config["max_text_tokens"] = settings.get_int("max_seq_length", 128);
  config["max_regions"] = settings.get_int("max_image_seq_len", 50);
  if (modules.pooling)
    config["pooling"] = pooling_config(Config::read(*modules.pooling / "config.json", files));
  if (modules.head) {
    config["match_head"] = head_config(reads_pooled(Config::read(*modules.head / kSettings, files)), weights);
  } else if (own_head || modules.transformer == "JointOSCAR") {
    config["match_head"] = head_config(!is_m3p, weights);
  }
  return {folder, Config::parse(config.dump(), (folder / kModules).string()), inner, std::move(weights)};
}

}  // namespace tandem::models

// OSCAR in the folders of the paper's code.
#include <nlohmann/json.hpp>
#include <utility>

#include "models/oscar/oscar.h"
#include "models/paper_layout.h"

namespace tandem::models {

using nlohmann::json;

std::optional<ModelFolder> find_oscar_layout(const std::filesystem::path& folder, const FileSystem& files) {
  const auto paper = find_paper_folder(folder, files);
  if (!paper || !paper->is_a("OSCAR")) return std::nullopt;
  // The region's features with the six numbers of its box.
  const checkpoint::Config sizes = checkpoint::Config::read(paper->inner / "config.json", files);
  const json all = json::parse(sizes.dump());
  json config = bert_sizes(all);
  config["model_type"] = "oscar";
  config["feature_width"] = sizes.get_int("img_feature_dim", 2054, {7, 1 << 16}) - 6;
  const json norm = all.value("use_img_layernorm", json());
  config["region_layer_norm"] = norm.is_boolean() ? norm.get<bool>() : norm.is_number() && norm != 0;
  config["region_layer_norm_eps"] = sizes.get_float("img_layer_norm_eps", 1e-12);
  return finish_paper(*paper, std::move(config), open_bert(*paper, files), files);
}

}  // namespace tandem::models

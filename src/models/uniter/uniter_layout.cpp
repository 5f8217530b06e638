// UNITER in the folders of the paper's code.
#include <nlohmann/json.hpp>
#include <utility>

#include "models/original_weights.h"
#include "models/paper_layout.h"
#include "models/uniter/uniter.h"

namespace tandem::models {

using nlohmann::json;

std::optional<ModelFolder> find_uniter_layout(const std::filesystem::path& folder, const FileSystem& files) {
  const auto paper = find_paper_folder(folder, files);
  if (!paper || !paper->is_a("UNITER")) return std::nullopt;
  checkpoint::Weights weights = open_bert(*paper, files);
  // The path is one of the machine that trained the model.
  const std::filesystem::path named = paper->settings.get_string("config_file", "uniter-base.json");
  const auto sizes = checkpoint::Config::read(paper->inner / named.filename(), files);
  json config = bert_sizes(json::parse(sizes.dump()));
  config["model_type"] = "uniter";
  config["feature_width"] = side_of(weights, "img_embeddings.img_linear.weight", 1);
  return finish_paper(*paper, std::move(config), std::move(weights), files);
}

}  // namespace tandem::models

// M3P in the folders of the paper's code.
#include <nlohmann/json.hpp>
#include <utility>

#include "models/m3p/m3p.h"
#include "models/original_weights.h"
#include "models/paper_layout.h"

namespace tandem::models {

using nlohmann::json;

namespace {

checkpoint::Weights open_weights(const std::filesystem::path& folder, const FileSystem& files) {
  if (files.status(folder / "model.safetensors").kind != FileKind::kMissing) {
    return checkpoint::Weights::open(folder, files);
  }
  return checkpoint::Weights::open_file(folder / "m3p_under_weights.pth", files, "model");
}

}  // namespace

std::optional<ModelFolder> find_m3p_layout(const std::filesystem::path& folder, const FileSystem& files) {
  const auto paper = find_paper_folder(folder, files);
  if (!paper || !paper->is_a("M3P")) return std::nullopt;
  checkpoint::Weights weights = open_weights(paper->inner, files);
  const auto sizes = paper->settings.find_object("model_args");
  const std::int64_t width = side_of(weights, "embeddings.weight", 1);
  json config = {{"model_type", "m3p"},
                 {"vocab_size", side_of(weights, "embeddings.weight", 0)},
                 {"hidden_size", width},
                 {"intermediate_size", 4 * width},
                 {"num_hidden_layers", count_layers(weights, "attentions.", ".q_lin.weight")},
                 {"num_attention_heads", sizes ? sizes->get_int("n_heads", 12) : 12},
                 {"max_position_embeddings", side_of(weights, "position_embeddings.weight", 0)},
                 {"feature_width", side_of(weights, "image_embeddings.image_embeddings.weight", 1)}};
  return finish_paper(*paper, std::move(config), std::move(weights), files);
}

}  // namespace tandem::models

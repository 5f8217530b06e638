// CLIP as its authors publish it: weights alone. Sizes are those that OpenAI's build_model() derives.
#include <nlohmann/json.hpp>
#include <utility>

#include "core/fail.h"
#include "models/clip/clip.h"
#include "models/clip/open_clip_layout.h"
#include "models/original_weights.h"
#include "models/preprocessing.h"

namespace tandem::models {
namespace {

using checkpoint::Weights;
using nlohmann::json;

json tower(const Weights& weights, std::int64_t width, const std::string& prefix) {
  const std::string layers = prefix + "transformer.resblocks.";
  return {{"hidden_size", width},
          {"intermediate_size", side_of(weights, layers + "0.mlp.c_fc.weight", 0)},
          {"num_hidden_layers", count_layers(weights, layers, ".attn.in_proj_weight")},
          {"num_attention_heads", heads_of_64(weights, width)},
          {"layer_norm_eps", 1e-5},
          {"hidden_act", "quick_gelu"}};
}

// A text ends at its largest id, which eos_token_id 2 stands for.
json text_config(const Weights& weights) {
  json text = tower(weights, side_of(weights, "ln_final.weight", 0), "");
  text["vocab_size"] = side_of(weights, "token_embedding.weight", 0);
  text["max_position_embeddings"] = side_of(weights, "positional_embedding", 0);
  text["eos_token_id"] = 2;
  return text;
}

json vision_config(const Weights& weights) {
  json vision = tower(weights, side_of(weights, "visual.conv1.weight", 0), "visual.");
  const std::int64_t patch = side_of(weights, "visual.conv1.weight", 3);
  const std::int64_t grid = square_side(weights, side_of(weights, "visual.positional_embedding", 0));
  vision["patch_size"] = patch;
  vision["image_size"] = patch * grid;
  return vision;
}

json preprocessing(std::int64_t side) {
  json config = clip_preprocessing();
  config["image_processor_type"] = "CLIPImageProcessor";
  config["size"] = {{"shortest_edge", side}};
  config["do_center_crop"] = true;
  config["crop_size"] = {{"height", side}, {"width", side}};
  return config;
}

}  // namespace

std::optional<ModelFolder> find_clip_layout(const std::filesystem::path& folder, const FileSystem& files) {
  if (auto found = find_open_clip_layout(folder, files)) return found;
  auto weights = open_single_file(folder, ".pt", files);
  if (!weights) return std::nullopt;
  if (weights->find("visual.layer1.0.conv1.weight") != nullptr) {
    fail(ErrorCode::kUnsupported, "{}: a CLIP with a ResNet; those with a ViT can be loaded",
         weights->folder().string());
  }
  const json config = {{"model_type", "clip"},
                       {"projection_dim", side_of(*weights, "text_projection", 1)},
                       {"text_config", text_config(*weights)},
                       {"vision_config", vision_config(*weights)}};
  return original_folder(folder, config, preprocessing(config["vision_config"]["image_size"]),
                         *std::move(weights));
}

}  // namespace tandem::models

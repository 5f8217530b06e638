// BLIP as its authors publish it (github.com/salesforce/BLIP): weights alone, beside BERT's vocab.txt.
#include <nlohmann/json.hpp>
#include <utility>

#include "models/blip/blip.h"
#include "models/original_weights.h"
#include "models/preprocessing.h"

namespace tandem::models {
namespace {

using checkpoint::Weights;
using nlohmann::json;

json tower(const Weights& weights, std::int64_t width, const std::string& layers, const std::string& up,
           const std::string& norm) {
  return {{"hidden_size", width},
          {"intermediate_size", side_of(weights, layers + "0." + up, 0)},
          {"num_hidden_layers", count_layers(weights, layers, "." + norm)},
          {"num_attention_heads", heads_of_64(weights, width)},
          {"hidden_act", "gelu"}};
}

constexpr const char* kPatches = "visual_encoder.patch_embed.proj.weight";

json text_config(const Weights& weights) {
  const std::string words = "text_encoder.embeddings.word_embeddings.weight";
  json text = tower(weights, side_of(weights, words, 1), "text_encoder.encoder.layer.",
                    "intermediate.dense.weight", "output.LayerNorm.weight");
  text["vocab_size"] = side_of(weights, words, 0);
  text["max_position_embeddings"] = side_of(weights, "text_encoder.embeddings.position_embeddings.weight", 0);
  text["layer_norm_eps"] = 1e-12;
  text["encoder_hidden_size"] = side_of(weights, kPatches, 0);  // read by the port alone
  return text;
}

json vision_config(const Weights& weights) {
  json vision = tower(weights, side_of(weights, kPatches, 0), "visual_encoder.blocks.", "mlp.fc1.weight",
                      "norm1.weight");
  const std::int64_t patch = side_of(weights, kPatches, 3);
  vision["patch_size"] = patch;
  vision["image_size"] = patch * square_side(weights, side_of(weights, "visual_encoder.pos_embed", 1));
  vision["layer_norm_eps"] = 1e-6;
  return vision;
}

json preprocessing(std::int64_t side) {
  json config = clip_preprocessing();
  config["image_processor_type"] = "BlipImageProcessor";
  config["size"] = {{"height", side}, {"width", side}};
  return config;
}

}  // namespace

std::optional<ModelFolder> find_blip_layout(const std::filesystem::path& folder, const FileSystem& files) {
  auto weights = open_single_file(folder, ".pth", files);
  if (!weights) return std::nullopt;
  const json config = {{"model_type", "blip"},
                       {"image_text_hidden_size", side_of(*weights, "vision_proj.weight", 0)},
                       {"text_config", text_config(*weights)},
                       {"vision_config", vision_config(*weights)}};
  return original_folder(folder, config, preprocessing(config["vision_config"]["image_size"]),
                         *std::move(weights));
}

}  // namespace tandem::models

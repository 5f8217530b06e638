#include "models/bridgetower/bridgetower_config.h"

#include <string>

#include "models/transformer_config.h"

namespace tandem::models {
namespace {

using checkpoint::Config;

LinkKind read_link_kind(const Config& config) {
  const std::string name = config.get_string("link_tower_type", "add");
  if (name == "add") return LinkKind::kAdd;
  if (name == "scaled_add") return LinkKind::kScaledAdd;
  if (name == "interpolate") return LinkKind::kInterpolate;
  config.reject("link_tower_type", "add, scaled_add or interpolate");
}

void read_text(const Config& text, BridgeTowerConfig& read) {
  read.text = read_transformer_config(text, {.layers = 12,
                                             .width = 768,
                                             .heads = 12,
                                             .hidden = 3072,
                                             .eps = 1e-5,
                                             .activation = nn::Activation::kGelu,
                                             .pre_norm = false});
  read.words.width = read.text.width;
  read.words.eps = read.text.eps;
  read.words.vocabulary = text.get_int("vocab_size", 50265);
  read.words.padding_id = text.get_int("pad_token_id", 1, {0, read.words.vocabulary - 1});
  read.words.positions = text.get_int("max_position_embeddings", 514, {*read.words.padding_id + 3, 1 << 16});
  read.words.types = text.get_int("type_vocab_size", 1, {1, 1 << 10});
}

void read_vision(const Config& vision, BridgeTowerConfig& read) {
  nn::TransformerConfig& tower = read.vision.transformer;
  tower.layers = vision.get_int("num_hidden_layers", 12, {1, 1 << 10});
  if (vision.get_bool("remove_last_layer", false)) --tower.layers;
  if (tower.layers != read.text.layers) {
    vision.reject("num_hidden_layers", "as many layers as text_config has");
  }
  // These are not to be chosen.
  constexpr std::int64_t kHeadWidth = 64;
  tower.width = vision.get_int("hidden_size", 768, {1, 1 << 16});
  if (tower.width % kHeadWidth != 0) vision.reject("hidden_size", "a multiple of 64");
  tower.heads = tower.width / kHeadWidth;
  tower.hidden = 4 * tower.width;
  tower.activation = nn::Activation::kQuickGelu;
  tower.eps = vision.get_float("layer_norm_eps", 1e-5);
  read.vision.image_size = vision.get_int("image_size", 288, {1, 1 << 14});
  read.vision.patch_size = vision.get_int("patch_size", 16, {1, read.vision.image_size});
  read.vision.channels = vision.get_int("num_channels", 3, {3, 3});
  read.vision.patch_bias = false;
  read.vision.first_norm = true;
}

void read_cross(const Config& config, BridgeTowerConfig& read) {
  CrossModalConfig& cross = read.cross;
  // Its layers are of the text's kind.
  cross.layer = read.text;
  cross.layer.layers = config.get_int("num_hidden_layers", 6, {1, read.text.layers});
  cross.layer.memory_width = read.text.width;
  if (config.get_int("hidden_size", 768) != read.text.width) {
    config.reject("hidden_size", "that of text_config, whose kind the cross-modal layers are of");
  }
  cross.vision_width = read.vision.transformer.width;
  cross.eps = config.get_float("layer_norm_eps", 1e-5);
  cross.link = read_link_kind(config);
  cross.shared_transforms = config.get_bool("share_cross_modal_transformer_layers", true);
  if (config.get_bool("share_link_tower_layers", false)) {
    config.reject("share_link_tower_layers", "false: the reference does not run with shared ones");
  }
}

}  // namespace

BridgeTowerConfig read_bridgetower_config(const Config& config) {
  BridgeTowerConfig read;
  read_text(sub_config(config, "text_config"), read);
  read_vision(sub_config(config, "vision_config"), read);
  read_cross(config, read);
  read.contrastive_dim = config.get_int("contrastive_hidden_size", 512, {1, 1 << 16});
  return read;
}

}  // namespace tandem::models

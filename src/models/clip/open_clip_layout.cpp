#include "models/clip/open_clip_layout.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/fail.h"
#include "models/preprocessing.h"
#include "models/transformer_config.h"

namespace tandem::models {
namespace {

using checkpoint::Config;
using checkpoint::Weights;
using nlohmann::json;

constexpr const char* kFile = "open_clip_config.json";

// What has no influence on the numbers of a trained model.
const std::set<std::string> kHarmless = {
    "init_logit_scale",    "cast_dtype",        "patch_dropout", "output_tokens",
    "attn_pooler_queries", "attn_pooler_heads", "pad_id"};

// What a field must say that is not read: the default of open_clip, which is a plain CLIP.
const json kPlain = {
    {"act_kwargs", json::object()}, {"attentional_pool", false},     {"custom_text", false},
    {"embed_cls", false},           {"final_ln_after_pool", false},  {"no_causal_mask", false},
    {"no_ln_pre", false},           {"norm_kwargs", json::object()}, {"pos_embed_type", "learnable"},
    {"proj_bias", false},           {"proj_type", "linear"}};

// `pooling`: the one way of pooling of this part. Any field but those in `read` must not make a difference.
void require_plain(const Config& part, const std::set<std::string>& read, const char* pooling) {
  const json fields = json::parse(part.dump());
  for (const auto& [key, value] : fields.items()) {
    if (value.is_null() || read.contains(key) || kHarmless.contains(key)) continue;
    const json plain = key == "pool_type" ? json(pooling) : kPlain.value(key, json());
    if (value == plain) continue;
    part.refuse(key, (plain.is_null() ? "no such field" : plain.dump()) + ", as in a plain CLIP,");
  }
}

std::int64_t hidden_size(const Config& tower, std::int64_t width) {
  return std::lround(std::trunc(static_cast<double>(width) * tower.get_float("mlp_ratio", 4.0)));
}

json vision_config(const Config& vision, const char* activation) {
  require_plain(vision, {"image_size", "layers", "width", "head_width", "mlp_ratio", "patch_size"}, "tok");
  const std::int64_t width = vision.get_int("width", 768, {1, 1 << 16});
  const std::int64_t head_width = vision.get_int("head_width", 64, {1, width});
  if (width % head_width != 0) vision.reject("head_width", fmt::format("a divisor of width ({})", width));
  return {{"hidden_size", width},
          {"intermediate_size", hidden_size(vision, width)},
          {"num_hidden_layers", vision.get_int("layers", 12)},
          {"num_attention_heads", width / head_width},
          {"patch_size", vision.get_int("patch_size", 16)},
          {"image_size", vision.get_int("image_size", 224)},
          {"layer_norm_eps", 1e-5},
          {"hidden_act", activation}};
}

// A text ends at its largest id, which eos_token_id 2 stands for.
json text_config(const Config& text, const char* activation) {
  require_plain(text, {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"}, "argmax");
  const std::int64_t width = text.get_int("width", 512, {1, 1 << 16});
  return {{"hidden_size", width},
          {"intermediate_size", hidden_size(text, width)},
          {"num_hidden_layers", text.get_int("layers", 12)},
          {"num_attention_heads", text.get_int("heads", 8)},
          {"max_position_embeddings", text.get_int("context_length", 77)},
          {"vocab_size", text.get_int("vocab_size", 49408)},
          {"eos_token_id", 2},
          {"layer_norm_eps", 1e-5},
          {"hidden_act", activation}};
}

// `side`: of the picture that the network reads, where `size` does not say it.
json preprocessing(const Config& config, std::int64_t side) {
  json made = clip_preprocessing();
  made["image_processor_type"] = "CLIPImageProcessor";
  const std::string filter = config.get_string("interpolation", "bicubic");
  if (filter != "bicubic" && filter != "bilinear")
    config.refuse("interpolation", "\"bicubic\" or \"bilinear\"");
  if (filter == "bilinear") made["resample"] = static_cast<int>(image::Filter::kBilinear);
  if (config.has("mean")) made["image_mean"] = config.get_floats("mean");
  if (config.has("std")) made["image_std"] = config.get_floats("std");

  std::int64_t height = side;
  std::int64_t width = side;
  const json size = json::parse(config.dump()).value("size", json());
  if (size.is_array()) {  // height and width, perhaps behind the channels
    const std::vector<std::int64_t> sides = config.get_ints("size");
    if (sides.size() < 2 || sides.size() > 3) config.reject("size", "a side, or height and width");
    height = sides[sides.size() - 2];
    width = sides.back();
  } else if (!size.is_null()) {
    height = width = config.get_int("size");
  }
  const std::string mode = config.get_string("resize_mode", "shortest");
  if (mode == "squash") {
    made["size"] = {{"height", height}, {"width", width}};
    made["do_center_crop"] = false;
  } else if (mode == "shortest" && height == width) {
    made["size"] = {{"shortest_edge", height}};
    made["do_center_crop"] = true;
    made["crop_size"] = {{"height", height}, {"width", width}};
  } else {
    config.refuse("resize_mode", "\"squash\", or \"shortest\" to a square");
  }
  return made;
}

Weights open_weights(const std::filesystem::path& folder, const FileSystem& files) {
  const std::filesystem::path safe = folder / "open_clip_model.safetensors";
  if (files.status(safe).kind != FileKind::kMissing) return Weights::open_file(safe, files);
  const std::filesystem::path pickled = folder / "open_clip_pytorch_model.bin";
  if (files.status(pickled).kind != FileKind::kMissing) return Weights::open_file(pickled, files);
  fail(ErrorCode::kNotFound, "{}: has no weights; {} or {} is wanted beside {}", folder.string(),
       safe.filename().string(), pickled.filename().string(), kFile);
}

}  // namespace

std::optional<ModelFolder> find_open_clip_layout(const std::filesystem::path& folder,
                                                 const FileSystem& files) {
  const std::filesystem::path file = folder / kFile;
  if (files.status(file).kind == FileKind::kMissing) return std::nullopt;
  const Config whole = Config::read(file, files);
  const Config model = whole.get_object("model_cfg");
  require_plain(model, {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu"}, "");
  const char* activation = model.get_bool("quick_gelu", false) ? "quick_gelu" : "gelu";
  const json config = {{"model_type", "clip"},
                       {"projection_dim", model.get_int("embed_dim", {1, 1 << 16})},
                       {"text_config", text_config(model.get_object("text_cfg"), activation)},
                       {"vision_config", vision_config(model.get_object("vision_cfg"), activation)}};
  const Config pictures = sub_config(whole, "preprocess_cfg");
  const json prepared = preprocessing(pictures, config["vision_config"]["image_size"]);
  return ModelFolder{folder, Config::parse(config.dump(), file.string()), folder, open_weights(folder, files),
                     TextFile{file.string(), prepared.dump(2) + "\n"}};
}

}  // namespace tandem::models

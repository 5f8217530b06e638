#include "models/tandem/tandem_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/tandem/tagger_config.h"
#include "models/tandem/tandem.h"

namespace tandem::models {
namespace {

constexpr checkpoint::IntRange kSides = {1, 1 << 14};
constexpr checkpoint::IntRange kWidths = {1, 1 << 16};
constexpr checkpoint::IntRange kLayers = {1, 1 << 10};
constexpr checkpoint::IntRange kIds = {0};

nn::VisionTransformerConfig read_vision(const checkpoint::Config& image) {
  nn::VisionTransformerConfig vision;
  vision.image_size = image.get_int("size", kSides);
  vision.patch_size = image.get_int("patch", {1, vision.image_size});
  const std::int64_t width = image.get_int("dim", kWidths);
  vision.transformer = {.layers = image.get_int("depth", kLayers),
                        .width = width,
                        .heads = image.get_int("heads", kWidths),
                        .hidden = 4 * width,
                        .eps = 1e-6,
                        .activation = nn::Activation::kGelu,
                        .layer_scale = true};
  if (width % vision.transformer.heads != 0) image.reject("dim", "a multiple of heads");
  return vision;
}

image::PreprocessConfig read_preprocessing(const checkpoint::Config& image, std::int64_t side) {
  image::PreprocessConfig preprocessing;
  preprocessing.size.rule = image::SizeRule::kExact;
  preprocessing.size.height = preprocessing.size.width = static_cast<std::size_t>(side);
  preprocessing.resample = image::Filter::kBicubic;
  preprocessing.mean = read_rgb(image, "mean");
  preprocessing.std = read_rgb(image, "std");
  return preprocessing;
}

nn::TransformerConfig read_shared(const checkpoint::Config& shared) {
  nn::TransformerConfig read = {
      .layers = shared.get_int("layers", kLayers),
      .width = shared.get_int("dim", kWidths),
      .heads = shared.get_int("heads", kWidths),
      .hidden = shared.get_int("ff", kWidths),
      .eps = shared.get_float("eps"),
      .activation = nn::parse_activation(shared.get_string("act"), "config.json: shared.act"),
      .pre_norm = false};
  if (shared.get_string("norm") != "post") shared.reject("norm", "\"post\"");
  if (read.width % read.heads != 0) {
    shared.reject("dim", fmt::format("a multiple of heads ({})", read.heads));
  }
  return read;
}

// The names are a text like any other, after pictures as they are preprocessed.
TaggerConfig complete_tagger(const checkpoint::Config& tagger, const TandemConfig& read) {
  TaggerConfig config = read_tagger(tagger, read.vocabulary);
  config.picture_mean = read.preprocessing.mean;
  config.picture_std = read.preprocessing.std;
  config.bos = read.bos;
  config.eos = read.eos;
  config.max_tokens = read.max_tokens;
  return config;
}

Precision read_precision(const checkpoint::Config& config, const std::string& key) {
  const std::string name = config.get_string(key, to_string(Precision::kFp32));
  if (name != "fp32" && name != "bf16" && name != "int8")
    config.reject(key, "\"fp32\", \"bf16\" or \"int8\"");
  return parse_precision(name);
}

}  // namespace

TandemConfig read_tandem_config(const checkpoint::Config& config) {
  TandemConfig read;
  const checkpoint::Config image = config.get_object("image");
  if (image.get_string("backbone") != "dinov2s") image.reject("backbone", "\"dinov2s\"");
  read.vision = read_vision(image);
  read.pool = image.get_int("pool", {1, read.vision.image_size / read.vision.patch_size});
  read.preprocessing = read_preprocessing(image, read.vision.image_size);

  const checkpoint::Config text = config.get_object("text");
  read.vocabulary = text.get_int("vocab", checkpoint::IntRange{4});
  read.positions = text.get_int("positions", 64, kWidths);
  read.max_tokens = text.get_int("max_tokens", {2, read.positions});
  read.bos = static_cast<std::int32_t>(text.get_int("bos", kIds));
  read.eos = static_cast<std::int32_t>(text.get_int("eos", kIds));

  if (const auto tagger = image.find_object("tagger")) read.tagger = complete_tagger(*tagger, read);

  read.shared = read_shared(config.get_object("shared"));
  read.stem = read.shared;
  read.stem.layers = text.get_int("stem_layers", kLayers);
  read.match_layers = config.get_int("match_layers", read.shared.layers, {1, read.shared.layers});
  if (const auto factors = config.find_object("match_factors")) {
    read.match_factors = FactorHeadsConfig{.reduced = factors->get_int("reduced", kWidths),
                                           .hidden = factors->get_int("hidden", kWidths),
                                           .text_hidden = factors->get_int("text_hidden", kWidths),
                                           .width = factors->get_int("width", {1, read.shared.width})};
  }
  if (const auto hubness = config.find_object("match_hubness")) {
    read.match_hubness = HubnessConfig{.centres = hubness->get_int("centres", kWidths),
                                       .scale = hubness->get_float("scale"),
                                       .weight = hubness->get_float("weight")};
    if (read.match_hubness->scale <= 0) hubness->reject("scale", "above 0");
  }
  read.match_precision = read_precision(config, "match_precision");
  read.rerank = config.get_bool("rerank", false);
  return read;
}

text::TokenizerOptions tandem_tokenizer(const checkpoint::Config& config) {
  const TandemConfig read = read_tandem_config(config);
  return {.kind = text::TokenizerKind::kPlainSentencePiece,
          .max_length = static_cast<std::size_t>(read.max_tokens),
          .bos_id = read.bos,
          .eos_id = read.eos};
}

}  // namespace tandem::models

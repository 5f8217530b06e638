// Folders as other programs write them give the numbers of the port's folders, whose numbers are the
// reference's (parity_test.cpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "checkpoint/safetensors_writer.h"
#include "golden/models/golden_case.h"
#include "support/expect_error.h"
#include "tandem/convert.h"
#include "tandem/encoders.h"
#include "unit/models/altered_model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using golden::kData;

void expect_equal(const Matrix& a, const Matrix& b) {
  EXPECT_EQ(golden::max_difference({a.data(), a.size()}, {b.data(), b.size()}), 0);
}

void expect_same_numbers(const fs::path& folder, const fs::path& port) {
  const auto expected = Model::load(port);
  const auto model = Model::load(folder);
  const Text text = "Two children are playing football in the park .";
  const Picture picture = load_picture(kData / "images/photo_landscape.png");
  if (expected->info().capabilities.embed_text) {
    expect_equal(BiEncoder(model).embed_texts({&text, 1}), BiEncoder(expected).embed_texts({&text, 1}));
    expect_equal(BiEncoder(model).embed_images(std::span(&picture, 1)).front(),
                 BiEncoder(expected).embed_images(std::span(&picture, 1)).front());
  }
  if (!expected->info().capabilities.match) return;
  EXPECT_EQ(CrossEncoder(model).score(text, std::span(&picture, 1)),
            CrossEncoder(expected).score(text, std::span(&picture, 1)));
}

// As version 5 of the reference saves a processor: the image processor's fields in processor_config.json, and
// of the tokenizer one file.
class NewProcessor : public ::testing::TestWithParam<const char*> {};

TEST_P(NewProcessor, IsReadLikeTheOldFiles) {
  const AlteredModel model(GetParam());
  const json old = json::parse(model.read("preprocessor_config.json"));
  model.write("processor_config.json", json{{"image_processor", old}, {"processor_class", "x"}}.dump());
  fs::remove(model.path() / "preprocessor_config.json");
  if (fs::exists(model.path() / "tokenizer.json")) {
    for (const char* file : {"vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model",
                             "special_tokens_map.json", "added_tokens.json", "tokenizer.model"}) {
      fs::remove(model.path() / file);
    }
  }
  expect_same_numbers(model.path(), kData / GetParam() / "model");
}

INSTANTIATE_TEST_SUITE_P(Cases, NewProcessor,
                         ::testing::Values("clip-gelu", "altclip", "siglip", "siglip2-fixed", "blip-itm",
                                           "blip2-itm", "vilt", "bridgetower"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(NewNames, OfAltClipsVisionTowerAreRead) {
  const AlteredModel model("altclip");
  const fs::path file = model.path() / "model.safetensors";
  const auto weights = checkpoint::Weights::open_file(file, FileSystem::system())
                           .renamed([](const std::string& name) -> std::string {
                             const std::string old = "vision_model.encoder.layers.";
                             if (!name.starts_with(old)) return name;
                             return "vision_model.encoder.layer." + name.substr(old.size());
                           });
  checkpoint::write_safetensors(file, checkpoint::all_tensors(weights, checkpoint::DType::kF32),
                                FileSystem::system());
  expect_same_numbers(model.path(), kData / "altclip/model");
}

// Of the weights of clip-gelu.
class OpenClip : public ::testing::Test {
 protected:
  OpenClip() : model_("clip-gelu") {
    fs::remove(folder() / "config.json");
    fs::remove(folder() / "preprocessor_config.json");
    fs::remove(folder() / "model.safetensors");
    fs::copy_file(kData / "original-names/clip-gelu.safetensors", folder() / "open_clip_model.safetensors");
    write();
  }

  fs::path folder() const { return model_.path(); }
  void write() { model_.write("open_clip_config.json", config_.dump()); }

  // The change of one field of the file is refused with these words.
  void expect_refused(const std::string& field, const json& value, ErrorCode code,
                      std::initializer_list<const char*> words) {
    json changed = config_;
    changed[json::json_pointer(field)] = value;
    model_.write("open_clip_config.json", changed.dump());
    expect_error(code, words, [&] { Model::load(folder()); });
  }

  static constexpr const char* kPlain = R"({
    "model_cfg": {
      "embed_dim": 32,
      "quick_gelu": false,
      "vision_cfg": {"image_size": 48, "layers": 2, "width": 32, "patch_size": 16, "head_width": 8,
                     "mlp_ratio": 2.0},
      "text_cfg": {"context_length": 22, "vocab_size": 1154, "width": 32, "heads": 2, "layers": 2,
                   "mlp_ratio": 2.0, "pool_type": "argmax", "no_causal_mask": false}},
    "preprocess_cfg": {"mean": [0.48145466, 0.4578275, 0.40821073],
                       "std": [0.26862954, 0.26130258, 0.27577711],
                       "interpolation": "bicubic", "resize_mode": "shortest", "size": [48, 48]}})";
  AlteredModel model_;
  json config_ = json::parse(kPlain);
};

TEST_F(OpenClip, FoldersGiveTheNumbersOfThePort) {
  expect_same_numbers(folder(), kData / "clip-gelu/model");
  EXPECT_TRUE(is_model_folder(folder()));
  EXPECT_EQ(load_tokenizer(folder())->max_length(), 22u);
}

TEST_F(OpenClip, FoldersConvertedGiveTheNumbersOfThePort) {
  const TemporaryFolder converted;
  convert_model(folder(), converted.path() / "model");
  expect_same_numbers(converted.path() / "model", kData / "clip-gelu/model");
}

TEST_F(OpenClip, QuickGeluIsAnotherModel) {
  config_["model_cfg"]["quick_gelu"] = true;
  write();
  const Text text = "a dog";
  const Matrix quick = BiEncoder(Model::load(folder())).embed_texts({&text, 1});
  const Matrix exact = BiEncoder(Model::load(kData / "clip-gelu/model")).embed_texts({&text, 1});
  EXPECT_GT(golden::max_difference({quick.data(), quick.size()}, {exact.data(), exact.size()}), 0);
}

TEST_F(OpenClip, AConfigJsonBesideWins) {
  fs::copy(kData / "clip-gelu/model", folder(),
           fs::copy_options::overwrite_existing | fs::copy_options::recursive);
  model_.write("open_clip_config.json", "not read");
  expect_same_numbers(folder(), kData / "clip-gelu/model");
}

TEST_F(OpenClip, PreprocessingIsThatOfPreprocessCfg) {
  config_["preprocess_cfg"] = {{"mean", {0.5, 0.4, 0.3}},
                               {"std", {0.2, 0.3, 0.4}},
                               {"interpolation", "bilinear"},
                               {"resize_mode", "squash"},
                               {"size", 48}};
  write();
  const AlteredModel port("clip-gelu");
  port.write("preprocessor_config.json", json{{"image_processor_type", "CLIPImageProcessor"},
                                              {"size", {{"height", 48}, {"width", 48}}},
                                              {"do_center_crop", false},
                                              {"resample", 2},
                                              {"image_mean", {0.5, 0.4, 0.3}},
                                              {"image_std", {0.2, 0.3, 0.4}}}
                                             .dump());
  expect_same_numbers(folder(), port.path());
}

TEST_F(OpenClip, WithoutPreprocessCfgItIsThePublishedOne) {
  config_.erase("preprocess_cfg");
  write();
  expect_same_numbers(folder(), kData / "clip-gelu/model");
}

TEST_F(OpenClip, WhatIsNoPlainClipIsRefusedByItsField) {
  const auto kNo = ErrorCode::kUnsupported;
  expect_refused("/model_cfg/vision_cfg/timm_model_name", "vit_base_patch16_224", kNo,
                 {"vision_cfg.timm_model_name: found \"vit_base_patch16_224\"",
                  "no such field, as in a plain CLIP, is wanted"});
  expect_refused("/model_cfg/text_cfg/hf_model_name", "xlm-roberta-base", kNo, {"text_cfg.hf_model_name"});
  expect_refused("/model_cfg/multimodal_cfg", json{{"width", 512}}, kNo, {"model_cfg.multimodal_cfg"});
  expect_refused("/model_cfg/custom_text", true, kNo, {"model_cfg.custom_text: found true, false"});
  expect_refused("/model_cfg/vision_cfg/no_ln_pre", true, kNo, {"vision_cfg.no_ln_pre"});
  expect_refused("/model_cfg/vision_cfg/pool_type", "avg", kNo,
                 {"vision_cfg.pool_type: found \"avg\", \"tok\""});
  expect_refused("/model_cfg/text_cfg/pool_type", "last", kNo,
                 {"text_cfg.pool_type: found \"last\", \"argmax\""});
  expect_refused("/model_cfg/text_cfg/no_causal_mask", true, kNo, {"text_cfg.no_causal_mask"});
  expect_refused("/preprocess_cfg/resize_mode", "longest", kNo, {"preprocess_cfg.resize_mode", "\"squash\""});
  expect_refused("/preprocess_cfg/interpolation", "random", kNo, {"preprocess_cfg.interpolation"});
}

TEST_F(OpenClip, FieldsThatDoNotFitAreRefused) {
  const auto kBad = ErrorCode::kBadFormat;
  expect_refused("/model_cfg/vision_cfg/layers", json::array({3, 4, 6, 3}), kBad,
                 {"vision_cfg.layers", "an integer"});
  expect_refused("/model_cfg/vision_cfg/head_width", 7, kBad,
                 {"head_width: found 7", "a divisor of width (32)"});
  expect_refused("/preprocess_cfg/size", json::array({48}), kBad, {"preprocess_cfg.size"});
  expect_refused("/model_cfg/embed_dim", "wide", kBad, {"model_cfg.embed_dim"});
}

TEST_F(OpenClip, WithoutWeightsTheirNamesAreTold) {
  fs::remove(folder() / "open_clip_model.safetensors");
  expect_error(ErrorCode::kNotFound, {"open_clip_model.safetensors", "open_clip_pytorch_model.bin"},
               [&] { Model::load(folder()); });
}

// Blip2Processor gives the tokenizer a token that the model has no row for.
TEST(Blip2Processor, MayHaveATokenForPictures) {
  const AlteredModel model("blip2-itm");
  model.edit("tokenizer.json", [](json& tokenizer) {
    json token = tokenizer["added_tokens"].back();
    token["content"] = "<image>";
    token["id"] = token["id"].get<int>() + 1;
    tokenizer["added_tokens"].push_back(token);
  });
  expect_same_numbers(model.path(), kData / "blip2-itm/model");
  const auto loaded = Model::load(model.path());
  const Text text = "an <image>";
  expect_error(ErrorCode::kInvalidArgument, {"outside the model's vocabulary"}, [&] {
    BiEncoder(loaded).embed_texts({&text, 1});
  });
}

// Weights alone in a folder, without config.json.
TEST(OriginalLayouts, AreModelsToEveryCommand) {
  EXPECT_TRUE(is_model_folder(kData / "clip-openai/model"));
  EXPECT_TRUE(is_model_folder(kData / "blip-salesforce/model"));
  EXPECT_EQ(load_tokenizer(kData / "clip-openai/model")->max_length(), 24u);
  EXPECT_EQ(load_tokenizer(kData / "blip-salesforce/model")->max_length(), 40u);
}

TEST(OriginalLayouts, OneFileIsWanted) {
  const AlteredModel model("clip-openai");
  fs::copy_file(model.path() / "ViT-tiny.pt", model.path() / "another.pt");
  expect_error(ErrorCode::kNotFound, {"is no model", "one .pt file"}, [&] { Model::load(model.path()); });
}

TEST(OriginalLayouts, OtherWeightsAreRefused) {
  for (const auto& [from, to, word] : {std::tuple("linear.pt", "a.pt", "text_projection"),
                                       std::tuple("linear.pt", "a.pth", "vision_proj.weight")}) {
    const AlteredModel model("clip-openai");
    fs::remove(model.path() / "ViT-tiny.pt");
    fs::copy_file(kData / "torch-files" / from, model.path() / to);
    expect_error(ErrorCode::kBadFormat, {to, "has no weight", word}, [&] { Model::load(model.path()); });
  }
}

TEST(OriginalLayouts, AClipWithAResnetIsRefused) {
  const AlteredModel model("clip-openai");
  fs::remove(model.path() / "ViT-tiny.pt");
  fs::copy_file(kData / "torch-files/clip_resnet.pt", model.path() / "RN50.pt");
  expect_error(ErrorCode::kUnsupported, {"RN50.pt: a CLIP with a ResNet"},
               [&] { Model::load(model.path()); });
}

}  // namespace
}  // namespace tandem

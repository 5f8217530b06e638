#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "support/expect_error.h"
#include "tandem/convert.h"
#include "tandem/model.h"
#include "unit/models/altered_model.h"

namespace tandem {
namespace {

using nlohmann::json;

TEST(LoadModel, AMissingFolderIsNotFound) {
  expect_error(ErrorCode::kNotFound, {"no-such-model"}, [] { Model::load("no-such-model"); });
}

TEST(LoadModel, AFileInPlaceOfAFolderIsRefused) {
  const AlteredModel model("clip-gelu");
  expect_error(ErrorCode::kInvalidArgument, {"is a file"},
               [&] { Model::load(model.path() / "config.json"); });
}

TEST(LoadModel, AnUnknownFamilyListsTheKnownOnes) {
  const AlteredModel model("clip-gelu");
  model.edit("config.json", [](json& config) { config["model_type"] = "flamingo"; });
  expect_error(ErrorCode::kUnsupported, {"flamingo", "blip", "clip", "tandem"},
               [&] { Model::load(model.path()); });
}

TEST(LoadModel, HeadsThatDoNotDivideTheWidthAreRefused) {
  const AlteredModel model("clip-gelu");
  model.edit("config.json", [](json& config) { config["text_config"]["num_attention_heads"] = 7; });
  expect_error(ErrorCode::kBadFormat, {"text_config", "hidden_size", "num_attention_heads (7)"},
               [&] { Model::load(model.path()); });
}

TEST(LoadModel, MissingUnusedAndMisshapenWeightsAreReportedTogether) {
  const AlteredModel model("blip-itm");
  model.edit("config.json", [](json& config) {
    config["text_config"]["num_hidden_layers"] = 1;    // leaves the second layer's weights unused
    config["vision_config"]["num_hidden_layers"] = 3;  // wants a third layer
    config["image_text_hidden_size"] = 20;             // other shape of the projections
  });
  expect_error(ErrorCode::kBadFormat,
               {"text_encoder.encoder.layer.1.", "vision_model.encoder.layers.2.", "text_proj.weight"},
               [&] { Model::load(model.path()); });
}

TEST(LoadModel, AnotherImageSizeThanThePreprocessorsIsRefused) {
  const AlteredModel model("blip-itm");
  model.edit("preprocessor_config.json", [](json& config) {
    config["size"] = {{"height", 32}, {"width", 32}};
  });
  expect_error(ErrorCode::kBadFormat, {"32 x 32", "48 x 48"}, [&] { Model::load(model.path()); });
}

TEST(LoadModel, WeightsThatAreNotFiniteAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const AlteredModel model("clip-gelu");
    std::string bytes = model.read("model.safetensors");
    std::memcpy(bytes.data() + bytes.size() - 64 * sizeof bad, &bad, sizeof bad);
    model.write("model.safetensors", bytes);
    expect_error(ErrorCode::kBadFormat, {"not finite"}, [&] { Model::load(model.path()); });
  }
}

TEST(LoadModel, AScaleThatMakesWordsInfiniteIsRefused) {
  const AlteredModel model("clip-gelu");
  const auto floats = model.path().parent_path() / "floats";
  std::filesystem::rename(model.path(), floats);
  convert_model(floats, model.path(), {.type = WeightType::kInt8, .stop = {}, .on_progress = {}});
  model.spoil("text_model.embeddings.token_embedding.weight.scale", 1e38F);
  expect_error(ErrorCode::kBadFormat, {"token_embedding", "not finite"}, [&] { Model::load(model.path()); });
}

TEST(LoadModel, ATokenizerWithMoreEntriesThanTheEmbeddingIsRefused) {
  const AlteredModel model("blip-itm");
  std::filesystem::remove(model.path() / "tokenizer.json");
  std::string vocabulary = model.read("vocab.txt");
  for (int i = 0; i < 10; ++i) vocabulary += "zzz" + std::to_string(i) + "\n";
  model.write("vocab.txt", vocabulary);
  expect_error(ErrorCode::kBadFormat, {"1500"}, [&] { Model::load(model.path()); });
}

TEST(LoadModel, APickleThatNamesAFunctionOfTheSystemIsRefusedByThatName) {
  const AlteredModel model("clip-gelu");
  std::filesystem::remove(model.path() / "model.safetensors");
  std::filesystem::copy_file(std::filesystem::path(TANDEM_TEST_DATA) / "torch-files/os_system_zip.pt",
                             model.path() / "pytorch_model.bin");
  expect_error(ErrorCode::kUnsupported, {"pytorch_model.bin", "posix.system"},
               [&] { Model::load(model.path()); });
}

TEST(LoadModel, FingerprintsTellModelsAndPreprocessingApart) {
  const AlteredModel model("clip-gelu");
  const ModelInfo before = Model::load(model.path())->info();
  EXPECT_EQ(Model::load(model.path())->info().weights_fingerprint, before.weights_fingerprint);
  EXPECT_NE(Model::load(std::filesystem::path(TANDEM_TEST_DATA) / "clip-quickgelu/model")
                ->info()
                .weights_fingerprint,
            before.weights_fingerprint);
  model.edit("preprocessor_config.json", [](json& config) { config["resample"] = 2; });
  const ModelInfo after = Model::load(model.path())->info();
  EXPECT_EQ(after.weights_fingerprint, before.weights_fingerprint);
  EXPECT_NE(after.preprocessing_fingerprint, before.preprocessing_fingerprint);
}

TEST(LoadModel, ACalibrationIsReadAndChangesNoFingerprint) {
  const AlteredModel model("blip-itm");
  const ModelInfo before = Model::load(model.path())->info();
  EXPECT_EQ(before.calibration.scale, 1);
  EXPECT_EQ(before.calibration.bias, 0);
  model.write("calibration.json", R"({"scale": 0.5, "bias": -3, "ece_after": 0.01})");
  const ModelInfo after = Model::load(model.path())->info();
  EXPECT_EQ(after.calibration.scale, 0.5f);
  EXPECT_EQ(after.calibration.bias, -3);
  EXPECT_EQ(after.weights_fingerprint, before.weights_fingerprint) << "galleries stay valid";
  model.write("calibration.json", R"({"scale": 0, "bias": -3})");
  expect_error(ErrorCode::kBadFormat, {"calibration.json", "scale", "tandem calibrate"},
               [&] { Model::load(model.path()); });
}

TEST(LoadModel, AbsentFieldsTakeTheReferencesDefaults) {
  // Only what differs from the defaults is written in many published configurations.
  const AlteredModel model("clip-quickgelu");
  model.edit("config.json", [](json& config) {
    for (const char* tower : {"text_config", "vision_config"}) {
      config[tower].erase("hidden_act");      // quick_gelu
      config[tower].erase("layer_norm_eps");  // 1e-5
    }
  });
  EXPECT_NO_THROW(Model::load(model.path()));
}

TEST(LoadModel, ATowersRepeatedFieldsWin) {
  const AlteredModel model("clip-gelu");
  model.edit("config.json", [](json& config) {
    config["text_config_dict"] = config["text_config"];
    config["text_config"] = {{"hidden_size", 999}};
    config["vision_config_dict"] = nullptr;
  });
  EXPECT_NO_THROW(Model::load(model.path()));
}

}  // namespace
}  // namespace tandem

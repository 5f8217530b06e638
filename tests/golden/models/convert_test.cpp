// A converted model gives the numbers of the one that it was made of.
#include "tandem/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "checkpoint/safetensors_index.h"
#include "golden/models/golden_case.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tandem/encoders.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

using golden::kData;

class ConvertTest : public ::testing::TestWithParam<const char*> {
 protected:
  fs::path from() const { return kData / GetParam() / "model"; }
  fs::path to() const { return folder_.path() / "converted"; }
  std::shared_ptr<const Model> convert(WeightType type) const {
    convert_model(from(), to(), {.type = type, .stop = {}, .on_progress = {}});
    return Model::load(to());
  }

  TemporaryFolder folder_;
};

// A picture of the kind that the model reads.
Picture picture_for(const Model& model, const fs::path& folder) {
  if (!model.info().reads_regions) return load_picture(kData / "images/photo_landscape.png");
  for (const auto& entry : fs::directory_iterator(folder.parent_path() / "regions")) {
    if (entry.path().extension() == ".npz") return load_picture(entry.path());
  }
  throw Error(ErrorCode::kNotFound, folder.string() + ": has no region file");
}

// The text's and the picture's embedding and their match logit, as far as the model can.
std::vector<float> numbers(const std::shared_ptr<const Model>& model, const fs::path& folder) {
  const Picture picture = picture_for(*model, folder);
  const Text text = "Two children are playing football in a park.";
  std::vector<float> numbers;
  const auto add = [&](const Matrix& rows) {
    numbers.insert(numbers.end(), rows.data(), rows.data() + rows.size());
  };
  const Capabilities& can = model->info().capabilities;
  if (can.embed_text) add(BiEncoder(model).embed_texts({&text, 1}));
  if (can.embed_image) add(BiEncoder(model).embed_images(std::span(&picture, 1)).front());
  if (can.match) numbers.push_back(CrossEncoder(model).score(text, std::span(&picture, 1)).front());
  return numbers;
}

TEST_P(ConvertTest, InFloat32GivesTheSameNumbers) {
  const auto converted = convert(WeightType::kFp32);
  const std::vector<float> found = numbers(converted, from());
  EXPECT_EQ(found, numbers(Model::load(from()), from()));
  EXPECT_FALSE(found.empty());
}

TEST_P(ConvertTest, InBfloat16RoundsAndIsSmaller) {
  const auto original = numbers(Model::load(from()), from());
  const auto converted = numbers(convert(WeightType::kBf16), from());
  ASSERT_EQ(converted.size(), original.size());
  // bfloat16 keeps 8 bits: 0.4 % of a weight, and a few times that of what sums of them give.
  for (std::size_t i = 0; i < original.size(); ++i) {
    EXPECT_NEAR(converted[i], original[i], 0.1f * std::max(1.0f, std::abs(original[i]))) << i;
  }
  EXPECT_NE(converted, original);
}

// Weights and not numbers: what 0.4 % of a weight does to random layers is no measure.
TEST_P(ConvertTest, InInt8RoundsEachRowByItsLargestWeight) {
  convert(WeightType::kFp32);
  const fs::path exact_folder = folder_.path() / "exact";
  fs::rename(to(), exact_folder);
  const auto converted = convert(WeightType::kInt8);
  const auto exact = checkpoint::Weights::open(exact_folder, FileSystem::system());
  const auto rounded = checkpoint::Weights::open(to(), FileSystem::system());
  EXPECT_EQ(exact.names(), rounded.names());
  std::size_t matrices = 0;
  for (const std::string& name : exact.names()) {
    std::vector<float> wanted(exact.find(name)->count()), found(wanted.size());
    exact.read(name, wanted);
    rounded.read(name, found);
    const bool quantised = rounded.is_quantised(name);
    matrices += quantised ? 1 : 0;
    const auto rows = quantised ? static_cast<std::size_t>(rounded.find(name)->shape.front()) : wanted.size();
    for (std::size_t i = 0, width = wanted.size() / rows; i < wanted.size(); ++i) {
      const std::span<const float> row(wanted.data() + i / width * width, width);
      const float largest = std::abs(*std::ranges::max_element(row, {}, [](float x) { return std::abs(x); }));
      ASSERT_NEAR(found[i], wanted[i], largest * (quantised ? 0.501f / 127 : 0.0005f) + 1e-7f) << name;
    }
  }
  EXPECT_GT(matrices, 0u);
  EXPECT_EQ(numbers(converted, from()).size(), numbers(Model::load(from()), from()).size());
}

// What is kept as int8 in memory gives the numbers of the same weights written out.
TEST_P(ConvertTest, Int8GivesTheNumbersOfItsFloats) {
  const std::vector<float> found = numbers(convert(WeightType::kInt8), from());
  const fs::path floats = folder_.path() / "floats";
  convert_model(to(), floats, {.type = WeightType::kFp32, .stop = {}, .on_progress = {}});
  EXPECT_EQ(found, numbers(Model::load(floats), from()));
}

INSTANTIATE_TEST_SUITE_P(Cases, ConvertTest,
                         ::testing::Values("clip-quickgelu", "clip-openai", "blip-salesforce", "siglip",
                                           "siglip2-fixed", "altclip", "blip-itm", "blip2-itm", "vilt",
                                           "bridgetower", "tandem-tags", "paper/oscar_join",
                                           "paper/oscar_legacy_double", "paper/uniter_ce",
                                           "paper/villa_emb_cls", "paper/m3p_join", "paper/m3p_ce_mlp"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::ranges::replace_if(
                               name, [](char c) { return c == '-' || c == '/'; }, '_');
                           return name;
                         });

// What the folder of a port has as files of the reference, one in another layout has by rule.
TEST(Convert, WritesThePreprocessingThatALayoutImplies) {
  for (const char* name : {"clip-openai", "blip-salesforce"}) {
    const TemporaryFolder folder;
    const fs::path to = folder.path() / "converted";
    convert_model(kData / name / "model", to);
    EXPECT_TRUE(fs::exists(to / "preprocessor_config.json")) << name;
    const ModelInfo converted = Model::load(to)->info();
    EXPECT_EQ(converted.preprocessing_fingerprint,
              Model::load(kData / name / "model")->info().preprocessing_fingerprint);
  }
}

TEST(Convert, TakesTheCalibrationAlong) {
  const TemporaryFolder folder;
  fs::copy(kData / "blip-itm/model", folder.path() / "from");
  std::ofstream(folder.path() / "from/calibration.json") << R"({"scale": 0.5, "bias": -3, "pairs": 7})";
  convert_model(folder.path() / "from", folder.path() / "to");
  const Calibration converted = Model::load(folder.path() / "to")->info().calibration;
  EXPECT_EQ(converted.scale, 0.5f);
  EXPECT_EQ(converted.bias, -3);
}

TEST(Convert, RefusesAFolderThatHoldsSomething) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "thesis.txt") << "mine";
  expect_error(ErrorCode::kInvalidArgument, {"holds something", "new or empty"},
               [&] { convert_model(kData / "clip-gelu/model", folder.path()); });
}

TEST(Convert, LeavesNoModelWhenItIsStopped) {
  const TemporaryFolder folder;
  std::stop_source stop;
  ConvertOptions options{.type = WeightType::kFp16, .stop = stop.get_token(), .on_progress = {}};
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_LE(done, total);
    stop.request_stop();
  };
  expect_error(ErrorCode::kCancelled, {"stopped"},
               [&] { convert_model(kData / "clip-gelu/model", folder.path() / "out", options); });
  EXPECT_FALSE(fs::exists(folder.path() / "out/config.json"));
}

TEST(Convert, KnowsTheTypesOfWeightsByName) {
  EXPECT_EQ(parse_weight_type("bf16"), WeightType::kBf16);
  expect_error(ErrorCode::kInvalidArgument, {"int4", "fp16"}, [] { parse_weight_type("int4"); });
}

}  // namespace
}  // namespace tandem

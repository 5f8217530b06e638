// A TorchScript detector finds what PyTorch finds by it, within 1e-5 (features are of size 1), and models
// read it as they read region files.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "golden/models/golden_case.h"
#include "support/expect_error.h"
#include "tandem/encoders.h"
#include "tandem/model.h"
#include "tandem/regions.h"

namespace tandem {
namespace {

using nlohmann::json;

constexpr float kTolerance = 1e-5f;

using golden::kData;
const std::filesystem::path kOscar = kData / "paper/oscar_join/model";
const std::filesystem::path kDetector = kData / "detector/grid.pt";

json expected_pictures() {
  std::ifstream file(kData / "detector/expected.json");
  return json::parse(file);
}

Image picture(const json& expected) {
  return load_image(kData / "images" / expected["file"].get<std::string>());
}

Matrix to_matrix(const json& rows) {
  Matrix matrix(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::ranges::copy(rows[i].get<std::vector<float>>(), matrix.row(i).begin());
  }
  return matrix;
}

Regions to_regions(const json& expected) {
  Regions regions{expected["width"], expected["height"], to_matrix(expected["boxes"]),
                  to_matrix(expected["features"]), ""};
  for (const auto& label : expected["labels"].get<std::vector<std::string>>()) {
    regions.tags += (regions.tags.empty() ? "" : " ") + label;
  }
  return regions;
}

TEST(GoldenDetector, FindsWhatPyTorchFinds) {
  const auto model = Model::load(kOscar, {.detector = kDetector});
  for (const json& expected : expected_pictures()) {
    SCOPED_TRACE(expected["file"]);
    const auto found = std::get<Regions>(model->preprocess(picture(expected)));
    const Regions wanted = to_regions(expected);
    EXPECT_EQ(found.image_width, wanted.image_width);
    EXPECT_EQ(found.image_height, wanted.image_height);
    EXPECT_EQ(found.tags, wanted.tags);
    const auto values = [](const Matrix& matrix) { return std::span(matrix.data(), matrix.size()); };
    EXPECT_EQ(golden::max_difference(values(found.boxes), values(wanted.boxes)), 0);
    EXPECT_LE(golden::max_difference(values(found.features), values(wanted.features)), kTolerance);
  }
}

TEST(GoldenDetector, APhotoEmbedsAndMatchesAsItsRegions) {
  const auto embed = [](const auto& model, const Picture& one) {
    return BiEncoder(model).embed_images({&one, 1}).front();
  };
  const auto logit = [](const auto& model, const Picture& one) {
    return CrossEncoder(model).score(Text("a dog on the grass"), std::span(&one, 1)).front();
  };
  for (const char* name : {"oscar_join", "uniter_join", "m3p_join"}) {
    const auto folder = kData / "paper" / name / "model";
    const auto with_detector = Model::load(folder, {.detector = kDetector});
    const auto without = Model::load(folder);
    for (const json& expected : expected_pictures()) {
      SCOPED_TRACE(std::string(name) + " " + expected["file"].get<std::string>());
      const Picture photo = picture(expected);
      const Picture regions = to_regions(expected);
      EXPECT_LE(golden::max_difference(embed(with_detector, photo).row(0), embed(without, regions).row(0)),
                kTolerance);
      EXPECT_NEAR(logit(with_detector, photo), logit(without, regions), 1e-4f);
    }
  }
}

TEST(GoldenDetector, InfoSaysThatPhotosAreRead) {
  const ModelInfo with_detector = Model::load(kOscar, {.detector = kDetector})->info();
  EXPECT_TRUE(with_detector.reads_photos);
  EXPECT_TRUE(with_detector.reads_regions);
  EXPECT_EQ(with_detector.detector, std::filesystem::canonical(kDetector));
  const ModelInfo without = Model::load(kOscar)->info();
  EXPECT_FALSE(without.reads_photos);
  EXPECT_TRUE(without.detector.empty());
  EXPECT_EQ(with_detector.weights_fingerprint, without.weights_fingerprint);
  EXPECT_NE(with_detector.preprocessing_fingerprint, without.preprocessing_fingerprint);
}

TEST(GoldenDetector, WithoutOnePhotosAreRefusedByTheMend) {
  const auto model = Model::load(kOscar);
  expect_error(ErrorCode::kUnsupported, {"not photos", "region files", "detector"},
               [&] { model->preprocess(picture(expected_pictures()[0])); });
}

TEST(GoldenDetector, WhatItFailsAtIsNamedByPictureAndDetector) {
  const BiEncoder encoder(Model::load(kOscar, {.detector = kDetector}));
  const std::vector<Image> pictures = {load_image(kData / "images/photo_landscape.png"),
                                       load_image(kData / "images/one_pixel_wide.png")};
  expect_error(ErrorCode::kBadFormat,
               {"picture 2 of 2: ", "grid.pt: ", "a picture of 1 x 97 pixels has no room"},
               [&] { encoder.embed_images(pictures); });
}

}  // namespace
}  // namespace tandem

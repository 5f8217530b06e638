// A model whose picture tower is read with the first picture is the same model.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <thread>

#include "support/expect_error.h"
#include "tandem/model.h"
#include "unit/models/altered_model.h"

namespace tandem {
namespace {

using nlohmann::json;

const std::vector<TokenIds> kTexts = {{1, 7, 2}, {1, 5, 6, 8, 2}};

std::shared_ptr<const Model> load(const std::filesystem::path& folder, bool defer,
                                  Precision tower = Precision::kFp32) {
  ModelOptions options;
  options.defer_tower = defer;
  options.tower_precision = tower;
  return Model::load(folder, options);
}

Image picture() {
  Image image{40, 30, {}};
  for (std::size_t i = 0; i < 40 * 30 * 3; ++i) image.rgb.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  return image;
}

Matrix embedding(const Model& model) {
  const ImageInput input = model.preprocess(picture());
  return model.encode_images({&input, 1}, {}).front().embedding;
}

bool equal(const Matrix& a, const Matrix& b) {
  return a.rows() == b.rows() && a.columns() == b.columns() &&
         std::memcmp(a.data(), b.data(), a.rows() * a.columns() * sizeof(float)) == 0;
}

TEST(DeferredTower, EmbedsAsIfItWereThereFromTheStart) {
  for (const char* name : {"clip-gelu", "blip-itm", "siglip", "tandem-tags"}) {
    const AlteredModel model(name);
    for (const Precision tower : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
      const auto whole = load(model.path(), false, tower), deferred = load(model.path(), true, tower);
      EXPECT_EQ(deferred->info().weights_fingerprint, whole->info().weights_fingerprint) << name;
      EXPECT_TRUE(equal(deferred->embed_texts(kTexts), whole->embed_texts(kTexts))) << name;
      EXPECT_TRUE(equal(embedding(*deferred), embedding(*whole))) << name;
      EXPECT_TRUE(equal(deferred->embed_texts(kTexts), whole->embed_texts(kTexts))) << name;
    }
  }
}

TEST(DeferredTower, ManyThreadsMayAskForItAtOnce) {
  const AlteredModel model("tandem-tags");
  const auto deferred = load(model.path(), true);
  const Matrix wanted = embedding(*load(model.path(), false));
  std::vector<Matrix> found(4, Matrix(0, 0));
  std::vector<std::thread> threads;
  for (Matrix& one : found) threads.emplace_back([&] { one = embedding(*deferred); });
  for (std::thread& thread : threads) thread.join();
  for (const Matrix& one : found) EXPECT_TRUE(equal(one, wanted));
}

TEST(DeferredTower, ValuesThatAreNotFiniteAreToldWithEveryPicture) {
  const AlteredModel model("clip-gelu");
  model.spoil("vision_model.post_layernorm.weight", std::numeric_limits<float>::quiet_NaN());
  expect_error(ErrorCode::kBadFormat, {"not finite"}, [&] { load(model.path(), false); });
  const auto deferred = load(model.path(), true);
  for (int i = 0; i < 2; ++i) {
    expect_error(ErrorCode::kBadFormat, {"vision_model.post_layernorm.weight", "not finite"},
                 [&] { embedding(*deferred); });
  }
  EXPECT_EQ(deferred->embed_texts(kTexts).rows(), 2u);
}

TEST(DeferredTower, WhatDoesNotFitIsToldAtOnce) {
  const AlteredModel model("clip-gelu");
  model.edit("config.json", [](json& config) { config["vision_config"]["num_hidden_layers"] = 3; });
  expect_error(ErrorCode::kBadFormat, {"missing", "vision_model.encoder.layers.2."},
               [&] { load(model.path(), true); });
}

}  // namespace
}  // namespace tandem

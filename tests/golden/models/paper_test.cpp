// The paper's own models, from the folders of its own code: every number equals the reference's, UKPLab's
// MMT-Retrieval at 86943f2, computed with a batch of one.
//
// Tolerances: 1e-4 on embeddings (of length 1); 1e-3 on logits, times the logit where that is above 1: two
// correct float32 implementations differ in the order of summation, some 1e-6 and 1e-5 here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

using golden::kEmbeddingTolerance;
using golden::kLogitTolerance;

const std::filesystem::path kPaper = golden::kData / "paper";

Regions read_regions(const std::filesystem::path& path) {
  const auto file = RegionFile::open(path);
  const auto stem = std::ranges::find(file->ids(), path.stem().string());
  return file->read(stem != file->ids().end() ? *stem : file->ids().front());
}

class PaperTest : public ::testing::TestWithParam<const char*> {
 protected:
  PaperTest() : model_(Model::load(kPaper / GetParam() / "model")) {
    std::ifstream file(kPaper / GetParam() / "expected.json");
    expected_ = json::parse(file);
    for (const json& image : expected_["images"]) {
      pictures_.push_back(read_regions(kPaper / GetParam() / "regions" / image["file"].get<std::string>()));
    }
  }

  bool embeds() const { return expected_["images"][0]["embedding"].is_array(); }
  bool matches() const { return !expected_["pairs"].empty(); }
  std::string text(std::size_t index) const { return expected_["texts"][index]["text"]; }
  Picture with_tags(std::size_t index) const {
    Regions regions = std::get<Regions>(pictures_[index]);
    regions.tags = expected_["tags"][index];
    return regions;
  }

  void expect_embedding(const Matrix& found, const json& expected) const {
    EXPECT_LE(golden::max_difference(found.row(0), expected.get<std::vector<float>>()), kEmbeddingTolerance);
  }
  void expect_logits(const std::vector<Picture>& pictures, const json& pairs) const {
    const CrossEncoder cross(model_);
    for (const json& pair : pairs) {
      const Picture& picture = pictures[pair["image_index"]];
      const Text caption = text(pair["text_index"]);
      const float logit = cross.score(caption, std::span(&picture, 1)).front();
      const float wanted = pair["logit"];
      EXPECT_NEAR(logit, wanted, kLogitTolerance * std::max(1.0f, std::abs(wanted))) << pair;
      EXPECT_NEAR(match_probability(logit), pair["probability"].get<float>(), kLogitTolerance) << pair;
    }
  }

  std::shared_ptr<const Model> model_;
  json expected_;
  std::vector<Picture> pictures_;
};

TEST_P(PaperTest, TextsHaveTheReferencesIds) {
  for (const json& one : expected_["texts"]) {
    EXPECT_EQ(model_->tokenizer().encode(one["text"].get<std::string>()), one["input_ids"].get<TokenIds>())
        << one["text"];
  }
}

TEST_P(PaperTest, EmbeddingsAreTheReferences) {
  if (!embeds()) {
    expect_error(ErrorCode::kUnsupported, {"match a text with a picture"}, [&] { BiEncoder{model_}; });
    return;
  }
  const BiEncoder bi_encoder(model_);
  for (const json& one : expected_["texts"]) {
    const Text caption = one["text"].get<std::string>();
    expect_embedding(bi_encoder.embed_texts({&caption, 1}), one["embedding"]);
  }
  const Text empty;
  expect_embedding(bi_encoder.embed_texts({&empty, 1}), expected_["empty_text"]["embedding"]);
  const std::vector<Matrix> images = bi_encoder.embed_images(pictures_);
  for (std::size_t i = 0; i < images.size(); ++i) {
    expect_embedding(images[i], expected_["images"][i]["embedding"]);
  }
  for (const json& one : expected_.value("images_with_tags", json::array())) {
    const Picture picture = with_tags(one["image_index"]);
    expect_embedding(bi_encoder.embed_images({&picture, 1}).front(), one["embedding"]);
  }
}

TEST_P(PaperTest, LogitsAreTheReferences) {
  if (!matches()) {
    expect_error(ErrorCode::kUnsupported, {"no matching head"}, [&] { CrossEncoder{model_}; });
    return;
  }
  expect_logits(pictures_, expected_["pairs"]);
  if (!expected_.contains("pairs_with_tags")) return;
  std::vector<Picture> tagged;
  for (std::size_t i = 0; i < pictures_.size(); ++i) tagged.push_back(with_tags(i));
  expect_logits(tagged, expected_["pairs_with_tags"]);
}

TEST_P(PaperTest, ResultsDoNotDependOnTheBatch) {
  if (!matches()) return;
  const CrossEncoder cross(model_);
  const std::vector<float> together = cross.score(text(0), pictures_);
  for (std::size_t i = 0; i < pictures_.size(); ++i) {
    const float alone = cross.score(text(0), std::span(&pictures_[i], 1)).front();
    EXPECT_NEAR(together[i], alone, 1e-4f * std::max(1.0f, std::abs(alone)));
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, PaperTest,
                         ::testing::Values("oscar_join", "oscar_emb", "oscar_ce_mlp", "oscar_legacy_double",
                                           "oscar_legacy_joint", "uniter_join", "uniter_ce", "villa_emb_cls",
                                           "m3p_join", "m3p_emb_maxmean", "m3p_ce_mlp", "m3p_legacy_joint"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace tandem

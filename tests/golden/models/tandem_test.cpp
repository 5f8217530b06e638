// The shipped model gives the numbers that PyTorch computes with its weights in float32
// (tests/golden/make/default_model.py), within 1e-4 on embeddings and 1e-3 on logits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "golden/models/golden_case.h"
#include "tandem/encoders.h"
#include "tandem/model.h"

namespace tandem {
namespace {

class ShippedModelTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ModelOptions exact;
    exact.match_precision = Precision::kFp32;
    model_ = Model::load(TANDEM_DEFAULT_MODEL, exact);
    case_ = golden::read_case(std::filesystem::path(TANDEM_TEST_DATA) / "tandem-default" / "expected.json",
                              TANDEM_PHOTOS);
    for (const auto& image : case_.images) pictures_.push_back(load_image(image.file));
  }
  static void TearDownTestSuite() {
    model_.reset();
    pictures_.clear();
  }

  static inline std::shared_ptr<const Model> model_;
  static inline golden::Case case_;
  static inline std::vector<Image> pictures_;
};

TEST_F(ShippedModelTest, SaysWhatItCanDoAndThatItReranksByDefault) {
  const ModelInfo& info = model_->info();
  EXPECT_EQ(info.family, "tandem");
  EXPECT_TRUE(info.capabilities.embed_text && info.capabilities.embed_image && info.capabilities.match);
  EXPECT_EQ(info.embedding_dim, 384u);
  EXPECT_EQ(info.max_image_tokens, 17u + 40u + 1u) << "a grid, tags as a text, the factor";
  EXPECT_EQ(info.image_token_width, 384u);
  EXPECT_EQ(info.max_text_tokens, 40u);
  EXPECT_TRUE(info.rerank_by_default);
}

TEST_F(ShippedModelTest, TextsAgree) {
  std::vector<Text> texts;
  for (const auto& text : case_.texts) {
    EXPECT_EQ(model_->tokenizer().encode(text.text), text.ids) << text.text;
    texts.push_back(text.text);
  }
  const Matrix embeddings = BiEncoder(model_).embed_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_LE(golden::max_difference(embeddings.row(i), case_.texts[i].embedding), 1e-4f) << texts[i].text;
  }
}

TEST_F(ShippedModelTest, PhotographsAgree) {
  const auto embeddings = BiEncoder(model_).embed_images(pictures_);
  ASSERT_EQ(embeddings.size(), 60u);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    if (case_.images[i].embeddings.empty()) continue;
    ++compared;
    EXPECT_LE(golden::max_difference(embeddings[i].row(0), case_.images[i].embeddings.front()), 1e-4f)
        << case_.images[i].file;
  }
  EXPECT_GE(compared, 10u);
}

TEST_F(ShippedModelTest, MatchLogitsAgree) {
  const CrossEncoder cross(model_);
  const std::vector<Matrix> tokens = cross.image_tokens(pictures_);
  ASSERT_FALSE(case_.pairs.empty());
  std::map<std::size_t, std::vector<golden::PairCase>> by_text;
  for (const auto& pair : case_.pairs) by_text[pair.text].push_back(pair);
  for (const auto& [text, pairs] : by_text) {
    std::vector<MatrixView> views;
    for (const auto& pair : pairs) views.push_back(tokens[pair.image]);
    const auto logits = cross.score(case_.texts[text].text, views);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_NEAR(logits[i], pairs[i].logit, 1e-3f) << case_.texts[text].text;
    }
  }
}

// What is stored stays as it was: only the layers in which a text meets a picture are computed otherwise.
TEST_F(ShippedModelTest, TheMatchThatItRecommendsIsNear) {
  const auto recommended = Model::load(TANDEM_DEFAULT_MODEL);
  const std::span<const Image> some = std::span<const Image>(pictures_).first(8);
  const std::vector<Matrix> tokens = CrossEncoder(model_).image_tokens(some),
                            same = CrossEncoder(recommended).image_tokens(some);
  for (std::size_t i = 0; i < some.size(); ++i) {
    EXPECT_TRUE(std::equal(tokens[i].data(), tokens[i].data() + tokens[i].size(), same[i].data())) << i;
  }
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  double error = 0, spread = 0;
  for (const auto& text : case_.texts) {
    const auto near = recommended->match(text.ids, views), exact = model_->match(text.ids, views);
    const double mean = std::accumulate(exact.begin(), exact.end(), 0.0) / static_cast<double>(exact.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      error += std::pow(near[i] - exact[i], 2);
      spread += std::pow(exact[i] - mean, 2);
    }
  }
  EXPECT_LT(std::sqrt(error / spread), 0.1) << "of what the logits of pictures differ by among themselves";
  const bool is_exact = recommended->info().match_precision == Precision::kFp32;  // without such instructions
  EXPECT_EQ(error == 0, is_exact);
}

}  // namespace
}  // namespace tandem

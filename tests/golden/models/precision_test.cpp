// Models in other precisions than float32 stay near what they are in float32.
//
// Tolerances: small layers with random weights are the worst case, since no sum is long enough for errors to
// cancel. bf16 has 8 bits, int8 some 7 of the largest of a row; through a handful of layers a few percent.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <iterator>
#include <numeric>

#include "golden/models/golden_case.h"
#include "support/expect_error.h"
#include "tandem/encoders.h"
#include "tandem/model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr double kSmallestCosine = 0.99;

double cosine(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::shared_ptr<const Model> load(const fs::path& folder, Precision precision) {
  ModelOptions options;
  options.precision = options.tower_precision = precision;
  return Model::load(folder, options);
}

class PrecisionTest : public ::testing::TestWithParam<std::pair<const char*, Precision>> {
 protected:
  PrecisionTest() {
    for (const auto& image : case_.images) {
      if (!image.refused) pictures_.push_back(load_image(image.file));
    }
  }

  const fs::path folder_ = fs::path(TANDEM_TEST_DATA) / GetParam().first;
  const golden::Case case_ = golden::read_case(folder_ / "expected.json", TANDEM_TEST_DATA);
  const std::shared_ptr<const Model> exact_ = load(folder_ / "model", Precision::kFp32);
  const std::shared_ptr<const Model> model_ = load(folder_ / "model", GetParam().second);
  std::vector<Image> pictures_;
};

TEST_P(PrecisionTest, IsKnown) {
  EXPECT_EQ(model_->info().precision, GetParam().second);
  EXPECT_EQ(model_->info().tower_precision, GetParam().second);
  EXPECT_EQ(model_->info().weights_fingerprint, exact_->info().weights_fingerprint);
}

TEST_P(PrecisionTest, EmbeddingsAreNear) {
  for (const auto& text : case_.texts) {
    const Matrix near = model_->embed_texts({&text.ids, 1}), exact = exact_->embed_texts({&text.ids, 1});
    EXPECT_GT(cosine(near.row(0), exact.row(0)), kSmallestCosine) << text.text;
  }
  const std::vector<Matrix> near = BiEncoder(model_).embed_images(pictures_),
                            exact = BiEncoder(exact_).embed_images(pictures_);
  for (std::size_t i = 0; i < near.size(); ++i) {
    EXPECT_GT(cosine(near[i].row(0), exact[i].row(0)), kSmallestCosine) << i;
  }
}

// The spread of logits is what ranks.
TEST_P(PrecisionTest, LogitsAreNear) {
  if (!model_->info().capabilities.match) return;
  const auto logits_of = [&](const std::shared_ptr<const Model>& model) {
    const CrossEncoder encoder(model);
    const std::vector<Matrix> tokens = encoder.image_tokens(pictures_);
    std::vector<float> logits;
    for (const auto& text : case_.texts) {
      const std::vector<MatrixView> views(tokens.begin(), tokens.end());
      std::ranges::copy(model->match(text.ids, views), std::back_inserter(logits));
    }
    return torch::tensor(logits);
  };
  const at::Tensor exact = logits_of(exact_), near = logits_of(model_);
  EXPECT_LT((near - exact).std().item<float>(), 0.15F * exact.std().item<float>());
}

std::vector<float> values_of(const Matrix& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

TEST(MatchPrecision, LeavesAllElseAsItIs) {
  const fs::path folder = fs::path(TANDEM_TEST_DATA) / "tandem-tags";
  const golden::Case expected = golden::read_case(folder / "expected.json", TANDEM_TEST_DATA);
  ModelOptions options;
  options.match_precision = Precision::kInt8;
  const auto exact = load(folder / "model", Precision::kFp32), model = Model::load(folder / "model", options);
  EXPECT_EQ(exact->info().match_precision, Precision::kFp32);
  EXPECT_EQ(model->info().match_precision, Precision::kInt8);
  EXPECT_EQ(model->info().precision, Precision::kFp32);
  const std::vector<Image> picture = {load_image(expected.images.front().file)};
  const Matrix tokens = CrossEncoder(exact).image_tokens(picture).front();
  EXPECT_EQ(values_of(CrossEncoder(model).image_tokens(picture).front()), values_of(tokens));
  const MatrixView view = tokens;
  for (const auto& text : expected.texts) {
    EXPECT_EQ(values_of(model->embed_texts({&text.ids, 1})), values_of(exact->embed_texts({&text.ids, 1})));
    EXPECT_NE(model->match(text.ids, {&view, 1}), exact->match(text.ids, {&view, 1}));
  }
}

TEST(MatchPrecision, IsRefusedWhereTheMatchSharesItsLayers) {
  ModelOptions options;
  options.match_precision = Precision::kInt8;
  expect_error(ErrorCode::kUnsupported, "a match in int8 alone is for the family tandem",
               [&] { Model::load(fs::path(TANDEM_TEST_DATA) / "blip-itm" / "model", options); });
}

INSTANTIATE_TEST_SUITE_P(
    Families, PrecisionTest,
    ::testing::Values(std::pair("clip-openai", Precision::kBf16), std::pair("clip-openai", Precision::kInt8),
                      std::pair("blip-itm", Precision::kBf16), std::pair("blip-itm", Precision::kInt8),
                      std::pair("tandem-tags", Precision::kBf16), std::pair("tandem-tags", Precision::kInt8)),
    [](const auto& model) {
      return std::string(model.param.first).substr(0, 4) + "_" + to_string(model.param.second);
    });

}  // namespace
}  // namespace tandem

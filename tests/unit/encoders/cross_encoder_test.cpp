#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/expect_error.h"
#include "support/fake_model.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

// Pictures of many colours; every third is black but for one corner, so that token counts differ.
std::vector<Image> shaded_pictures(std::size_t count) {
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < count; ++i) {
    const auto shade = static_cast<std::uint8_t>(i * 7 + 1);
    Image picture = solid_picture(shade, static_cast<std::uint8_t>(255 - shade), 40);
    if (i % 3 == 0) std::fill(picture.rgb.begin() + 12, picture.rgb.end(), std::uint8_t{0});
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

class CrossEncoderSizes : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {};

TEST_P(CrossEncoderSizes, PicturesAndStoredTokensScoreEquallyInInputOrder) {
  const auto [count, batch_size] = GetParam();
  const auto model = make_fake_model({.drop_black_tokens = true});
  const CrossEncoder encoder(model, {.batch_size = batch_size});
  const std::vector<Image> pictures = shaded_pictures(count);
  const std::vector<Matrix> tokens = encoder.image_tokens(pictures);
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());

  const std::vector<float> from_tokens = encoder.score("a red picture", views);
  const std::vector<float> from_pictures = encoder.score("a red picture", pictures);
  EXPECT_LE(model->counts(FakeCall::kMatch).largest, batch_size);
  EXPECT_LE(model->counts(FakeCall::kEncodeImages).largest, batch_size);
  ASSERT_EQ(from_tokens.size(), count);
  EXPECT_EQ(from_tokens, from_pictures);
  const TokenIds ids = model->tokenizer().encode("a red picture");
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_EQ(model->match(ids, {&views[i], 1}).front(), from_tokens[i]) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, CrossEncoderSizes,
                         ::testing::Combine(::testing::Values(0, 1, 2, 17, 33), ::testing::Values(1, 2, 17)));

TEST(CrossEncoder, SeveralTextsScoreAsEachAlone) {
  const auto model = make_fake_model();
  const CrossEncoder encoder(model, {.batch_size = 3});
  const Matrix tokens = encoder.image_tokens(shaded_pictures(1)).front();
  const MatrixView view = tokens;
  std::vector<Text> texts;
  EXPECT_TRUE(encoder.score_texts(texts, view).empty());
  for (const char* text : {"red", "a green picture", "blue", "a red and a blue one", "black"}) {
    texts.emplace_back(text);
  }
  const std::vector<float> logits = encoder.score_texts(texts, view);
  EXPECT_EQ(model->counts(FakeCall::kMatch).calls, 2u);
  ASSERT_EQ(logits.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(logits[i], encoder.score(texts[i], {&view, 1}).front()) << texts[i].text;
  }
  texts[4] = std::string(kNanWord);
  expect_error(ErrorCode::kBackend, "text 5 (\"nan\")", [&] { encoder.score_texts(texts, view); });
  const Matrix wide(2, model->info().image_token_width + 1);
  expect_error(ErrorCode::kInvalidArgument, "compute them with this model",
               [&] { encoder.score_texts(texts, wide); });
}

TEST(CrossEncoder, AStopIsSeenBetweenBatches) {
  std::stop_source source;
  const auto model = make_fake_model({.on_call = [&](FakeCall call, std::size_t) {
    if (call == FakeCall::kMatch) source.request_stop();
  }});
  const CrossEncoder encoder(model, {.batch_size = 2});
  const std::vector<Matrix> tokens = encoder.image_tokens(shaded_pictures(5));
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { encoder.score("red", views, source.get_token()); });
  EXPECT_EQ(model->counts(FakeCall::kMatch).calls, 1u);
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { encoder.image_tokens(shaded_pictures(1), source.get_token()); });
}

TEST(CrossEncoder, AValueThatIsNotFiniteIsNamed) {
  const CrossEncoder encoder(make_fake_model(), {.batch_size = 2});
  std::vector<Image> pictures = shaded_pictures(5);
  const std::vector<Matrix> tokens = encoder.image_tokens(pictures);
  const std::vector<MatrixView> views(tokens.begin(), tokens.end());
  expect_error(ErrorCode::kBackend, "picture 1 of 5 with text 1 (\"nan\")",
               [&] { encoder.score("nan", views); });
  pictures[4] = nan_picture();
  expect_error(ErrorCode::kBackend, "picture 5 of 5", [&] { encoder.image_tokens(pictures); });
  expect_error(ErrorCode::kBackend, "picture 5 of 5", [&] { encoder.score("red", pictures); });
}

TEST(CrossEncoder, TokensOfAnotherShapeAreRefused) {
  const CrossEncoder encoder(make_fake_model({.grid = 2, .token_width = 8}));
  for (const Matrix& tokens : {Matrix(4, 7), Matrix(5, 8), Matrix(0, 8)}) {
    const MatrixView view = tokens;
    expect_error(ErrorCode::kInvalidArgument, "wanted 1 to 4 of width 8; compute them with this model",
                 [&] { encoder.score("red", std::span(&view, 1)); });
  }
}

TEST(MatchProbability, IsTheSigmoidWithoutOverflow) {
  EXPECT_EQ(match_probability(0), 0.5f);
  EXPECT_NEAR(match_probability(2), 0.880797f, 1e-6);
  EXPECT_NEAR(match_probability(-2), 0.119203f, 1e-6);
  EXPECT_EQ(match_probability(1e30f), 1.0f);
  EXPECT_EQ(match_probability(-1e30f), 0.0f);
  EXPECT_GT(match_probability(-80), 0.0f);
  EXPECT_TRUE(std::isnan(match_probability(std::numeric_limits<float>::quiet_NaN())));
}

TEST(MatchProbability, IsThatOfTheCalibration) {
  EXPECT_EQ(match_probability(3, {2, -6}), 0.5f);
  EXPECT_NEAR(match_probability(-1, {0.5f, 2.5f}), 0.880797f, 1e-6);
  EXPECT_EQ(match_probability(1e30f, {1e30f, 0}), 1.0f);
  EXPECT_EQ(match_probability(-1e30f, {1e30f, 0}), 0.0f);
}

}  // namespace
}  // namespace tandem

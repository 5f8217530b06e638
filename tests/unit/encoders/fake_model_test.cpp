#include "support/fake_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "support/expect_error.h"

namespace tandem {
namespace {

float dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f);
}

EncodedImage encode_one(const FakeModel& model, const Image& image) {
  const ImageInput pixels = model.preprocess(image);
  return model.encode_images({&pixels, 1}, {.embedding = true, .tokens = true}).front();
}

TEST(FakeModel, AColourWordIsNearestToThePictureOfThatColour) {
  const auto model = make_fake_model();
  const Image pictures[] = {solid_picture(255, 0, 0), solid_picture(0, 255, 0), solid_picture(0, 0, 255)};
  const char* words[] = {"a red bus", "green leaves", "blue"};
  for (std::size_t t = 0; t < 3; ++t) {
    const TokenIds ids = model->tokenizer().encode(words[t]);
    const Matrix text = model->embed_texts({&ids, 1});
    EXPECT_NEAR(dot(text.row(0), text.row(0)), 1, 1e-6);
    float similarity[3];
    float logit[3];
    for (std::size_t p = 0; p < 3; ++p) {
      const EncodedImage encoded = encode_one(*model, pictures[p]);
      EXPECT_NEAR(dot(encoded.embedding.row(0), encoded.embedding.row(0)), 1, 1e-6);
      similarity[p] = dot(text.row(0), encoded.embedding.row(0));
      const MatrixView tokens = encoded.tokens;
      logit[p] = model->match(ids, {&tokens, 1}).front();
    }
    EXPECT_EQ(std::ranges::max_element(similarity) - similarity, static_cast<std::ptrdiff_t>(t)) << words[t];
    EXPECT_EQ(std::ranges::max_element(logit) - logit, static_cast<std::ptrdiff_t>(t)) << words[t];
  }
}

TEST(FakeModel, ShapesFollowTheOptions) {
  const auto model = make_fake_model(
      {.dimension = 5, .embedding_rows = 3, .grid = 3, .token_width = 4, .drop_black_tokens = true});
  const EncodedImage black = encode_one(*model, solid_picture(0, 0, 0));
  EXPECT_EQ(black.tokens.rows(), 1u);
  const EncodedImage tiny = encode_one(*model, solid_picture(9, 9, 9, 1, 1));
  EXPECT_EQ(tiny.embedding.rows(), 3u);
  EXPECT_EQ(tiny.embedding.columns(), 5u);
  EXPECT_EQ(tiny.tokens.rows(), 9u);
  EXPECT_EQ(tiny.tokens.columns(), 4u);
}

TEST(FakeModel, CountsCallsAndTellsThem) {
  const auto model = make_fake_model({.on_call = [](FakeCall call, std::size_t) {
    if (call == FakeCall::kMatch) throw std::runtime_error("told to");
  }});
  const std::vector<TokenIds> texts(3, model->tokenizer().encode("red"));
  model->embed_texts(texts);
  model->embed_texts({texts.data(), 1});
  EXPECT_EQ(model->counts(FakeCall::kEmbedTexts).calls, 2u);
  EXPECT_EQ(model->counts(FakeCall::kEmbedTexts).inputs, 4u);
  EXPECT_EQ(model->counts(FakeCall::kEmbedTexts).largest, 3u);
  EXPECT_THROW(model->match(texts[0], {}), std::runtime_error);
}

TEST(FakeModel, GivesNanWhereToldTo) {
  const auto model = make_fake_model();
  const TokenIds ids = model->tokenizer().encode(kNanWord);
  EXPECT_TRUE(std::isnan(model->embed_texts({&ids, 1}).row(0)[0]));
  const EncodedImage encoded = encode_one(*model, nan_picture());
  EXPECT_TRUE(std::isnan(encoded.embedding.row(0)[0]));
  const MatrixView tokens = encoded.tokens;
  EXPECT_TRUE(std::isnan(model->match(model->tokenizer().encode("red"), {&tokens, 1}).front()));
}

TEST(FakeTokenizer, StaysWithinItsVocabularyAndLength) {
  const FakeTokenizer tokenizer;
  std::string longest;
  for (int i = 0; i < 100; ++i) longest += "word" + std::to_string(i) + " ";
  EXPECT_EQ(tokenizer.encode("").size(), 2u);
  EXPECT_EQ(tokenizer.encode("Red red").at(1), tokenizer.encode("Red red").at(2));
  const TokenIds ids = tokenizer.encode(longest);
  EXPECT_EQ(ids.size(), tokenizer.max_length());
  for (const std::int32_t id : ids) EXPECT_LT(static_cast<std::size_t>(id), tokenizer.vocabulary_size());
  expect_error(ErrorCode::kInvalidArgument, "byte 0", [&] { tokenizer.encode("\xFF"); });
}

}  // namespace
}  // namespace tandem

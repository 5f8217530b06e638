#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/expect_error.h"
#include "support/fake_model.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

const char* const kColours[] = {"red", "green", "blue", "yellow", "cyan", "magenta", "white"};

// Texts of different lengths, longest first, each with a colour of its own.
std::vector<Text> coloured_texts(std::size_t count) {
  std::vector<Text> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = kColours[i % 7];
    for (std::size_t w = 0; w < (count - i) % 11; ++w) text += " word" + std::to_string(i + w);
    texts.push_back(text);
  }
  return texts;
}

std::vector<Image> coloured_pictures(std::size_t count) {
  std::vector<Image> pictures;
  for (std::size_t i = 0; i < count; ++i) {
    pictures.push_back(solid_picture(static_cast<std::uint8_t>(i * 7), static_cast<std::uint8_t>(255 - i * 5),
                                     static_cast<std::uint8_t>(i * i), i % 5 + 1, i % 3 + 1));
  }
  return pictures;
}

class BiEncoderSizes : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {};

TEST_P(BiEncoderSizes, TextsComeBackInInputOrder) {
  const auto [count, batch_size] = GetParam();
  const auto model = make_fake_model();
  const std::vector<Text> texts = coloured_texts(count);
  const Matrix result = BiEncoder(model, {.batch_size = batch_size}).embed_texts(texts);
  ASSERT_EQ(result.rows(), count);
  EXPECT_EQ(result.columns(), model->info().embedding_dim);
  EXPECT_EQ(model->counts(FakeCall::kEmbedTexts).calls, (count + batch_size - 1) / batch_size);
  EXPECT_LE(model->counts(FakeCall::kEmbedTexts).largest, batch_size);
  for (std::size_t i = 0; i < count; ++i) {
    const TokenIds ids = model->tokenizer().encode(texts[i].text);
    EXPECT_TRUE(std::ranges::equal(model->embed_texts({&ids, 1}).row(0), result.row(i))) << i;
  }
}

TEST_P(BiEncoderSizes, PicturesComeBackInInputOrder) {
  const auto [count, batch_size] = GetParam();
  const auto model = make_fake_model({.embedding_rows = 2});
  const std::vector<Image> pictures = coloured_pictures(count);
  const std::vector<Matrix> result = BiEncoder(model, {.batch_size = batch_size}).embed_images(pictures);
  ASSERT_EQ(result.size(), count);
  EXPECT_EQ(model->counts(FakeCall::kEncodeImages).calls, (count + batch_size - 1) / batch_size);
  EXPECT_LE(model->counts(FakeCall::kEncodeImages).largest, batch_size);
  for (std::size_t i = 0; i < count; ++i) {
    const ImageInput pixels = model->preprocess(pictures[i]);
    const Matrix wanted = model->encode_images({&pixels, 1}, {}).front().embedding;
    ASSERT_EQ(result[i].rows(), 2u);
    EXPECT_TRUE(std::equal(wanted.data(), wanted.data() + wanted.size(), result[i].data())) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, BiEncoderSizes,
                         ::testing::Combine(::testing::Values(0, 1, 2, 17, 33), ::testing::Values(1, 2, 17)));

// Notes the lengths of the texts in each batch.
class LengthsModel final : public Model {
 public:
  const ModelInfo& info() const override { return inner_.info(); }
  const Tokenizer& tokenizer() const override { return inner_.tokenizer(); }
  ImageInput preprocess(const Image& image) const override { return inner_.preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override {
    for (const TokenIds& ids : texts) lengths.push_back(ids.size());
    return inner_.embed_texts(texts);
  }
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override {
    return inner_.encode_images(images, outputs);
  }
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> tokens,
                                 std::span<const MatchPair> pairs) const override {
    return inner_.match_pairs(texts, tokens, pairs);
  }

  mutable std::vector<std::size_t> lengths;

 private:
  FakeModel inner_;
};

TEST(BiEncoder, TextsOfLikeLengthShareABatch) {
  const auto model = std::make_shared<const LengthsModel>();
  BiEncoder(model, {.batch_size = 4}).embed_texts(coloured_texts(33));
  EXPECT_EQ(model->lengths.size(), 33u);
  EXPECT_TRUE(std::ranges::is_sorted(model->lengths));
}

TEST(BiEncoder, AStopIsSeenBetweenBatches) {
  std::stop_source source;
  const auto model = make_fake_model({.on_call = [&](FakeCall call, std::size_t) {
    if (call == FakeCall::kEmbedTexts || call == FakeCall::kEncodeImages) source.request_stop();
  }});
  const BiEncoder encoder(model, {.batch_size = 2});
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { encoder.embed_texts(coloured_texts(5), source.get_token()); });
  EXPECT_EQ(model->counts(FakeCall::kEmbedTexts).calls, 1u);

  source = std::stop_source();
  expect_error(ErrorCode::kCancelled, "cancelled",
               [&] { encoder.embed_images(coloured_pictures(5), source.get_token()); });
  EXPECT_EQ(model->counts(FakeCall::kEncodeImages).calls, 1u);
}

TEST(BiEncoder, AValueThatIsNotFiniteIsNamed) {
  const BiEncoder encoder(make_fake_model(), {.batch_size = 2});
  std::vector<Text> texts = coloured_texts(5);
  texts[3] = "a nan here";
  expect_error(ErrorCode::kBackend, "text 4 (\"a nan here\") gives a value that is not finite",
               [&] { encoder.embed_texts(texts); });
  std::vector<Image> pictures = coloured_pictures(5);
  pictures[2] = nan_picture();
  expect_error(ErrorCode::kBackend, "picture 3 of 5 gives a value that is not finite",
               [&] { encoder.embed_images(pictures); });
}

TEST(BiEncoder, ALongTextIsCutInTheMessage) {
  const BiEncoder encoder(make_fake_model());
  const std::string text = "nan\n" + std::string(100'000, 'x');
  expect_error(ErrorCode::kBackend, "...", [&] { encoder.embed_texts(std::vector<Text>{text}); });
}

TEST(BiEncoder, InvalidUtf8IsRefused) {
  const BiEncoder encoder(make_fake_model());
  expect_error(ErrorCode::kInvalidArgument, "invalid UTF-8 at byte 1",
               [&] { encoder.embed_texts(std::vector<Text>{"a\xFF"}); });
}

TEST(BiEncoder, SaysItsDimension) { EXPECT_EQ(BiEncoder(make_fake_model({.dimension = 9})).dimension(), 9u); }

}  // namespace
}  // namespace tandem

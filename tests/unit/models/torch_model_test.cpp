#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "support/expect_error.h"
#include "tandem/model.h"

namespace tandem {
namespace {

class TorchModelTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> model_ =
      Model::load(std::filesystem::path(TANDEM_TEST_DATA) / "blip-itm/model");

  PixelTensor pixels(float value) const { return {3, 48, 48, std::vector<float>(3 * 48 * 48, value)}; }
};

TEST_F(TorchModelTest, TextsOfDifferentLengthsKeepTheirOrder) {
  const std::vector<TokenIds> texts = {{12, 52, 13}, {12, 13}, {12, 60, 13}, {12, 52, 60, 61, 13}, {12, 13}};
  const Matrix together = model_->embed_texts(texts);
  ASSERT_EQ(together.rows(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Matrix alone = model_->embed_texts({&texts[i], 1});
    for (std::size_t c = 0; c < alone.columns(); ++c) EXPECT_NEAR(together.row(i)[c], alone.row(0)[c], 1e-5f);
  }
}

TEST_F(TorchModelTest, NothingGivesNothing) {
  EXPECT_EQ(model_->embed_texts({}).rows(), 0u);
  EXPECT_TRUE(model_->encode_images({}, {}).empty());
  EXPECT_TRUE(model_->match({12, 13}, {}).empty());
}

TEST_F(TorchModelTest, OnlyWhatIsAskedForIsComputed) {
  const std::vector<ImageInput> images = {pixels(0.5f)};
  const auto tokens = model_->encode_images(images, {.embedding = false, .tokens = true});
  EXPECT_TRUE(tokens.front().embedding.empty());
  EXPECT_EQ(tokens.front().tokens.rows(), model_->info().max_image_tokens);
  const auto embedding = model_->encode_images(images, {.embedding = true, .tokens = false});
  EXPECT_TRUE(embedding.front().tokens.empty());
  EXPECT_EQ(embedding.front().embedding.columns(), model_->info().embedding_dim);
}

TEST_F(TorchModelTest, InputsOfTheWrongShapeAreRefused) {
  const auto embed = [&](TokenIds ids) { model_->embed_texts({&ids, 1}); };
  expect_error(ErrorCode::kInvalidArgument, {"1500"}, [&] { embed({12, 1500, 13}); });
  expect_error(ErrorCode::kInvalidArgument, {"-1"}, [&] { embed({12, -1, 13}); });
  expect_error(ErrorCode::kInvalidArgument, {"0 tokens"}, [&] { embed({}); });
  expect_error(ErrorCode::kInvalidArgument, {"33 tokens", "32"}, [&] { embed(TokenIds(33, 12)); });

  const ImageInput small = PixelTensor{3, 2, 2, std::vector<float>(12)};
  expect_error(ErrorCode::kInvalidArgument, {"3 x 2 x 2", "3 x 48 x 48"}, [&] {
    model_->encode_images({&small, 1}, {});
  });

  const Matrix narrow(10, 39);
  const MatrixView view = narrow;
  expect_error(ErrorCode::kInvalidArgument, {"10 x 39", "10 rows of 40"}, [&] {
    model_->match({12, 13}, {&view, 1});
  });
}

TEST_F(TorchModelTest, ImagesWithDifferentNumbersOfTokensKeepTheirOrder) {
  Matrix few(3, 40);
  Matrix many(10, 40);
  for (std::size_t i = 0; i < few.size(); ++i) few.data()[i] = 0.01f * static_cast<float>(i);
  for (std::size_t i = 0; i < many.size(); ++i) many.data()[i] = -0.01f * static_cast<float>(i % 50);
  const std::vector<MatrixView> views = {few, many, few};
  const auto logits = model_->match({12, 52, 13}, views);
  EXPECT_NEAR(logits[0], logits[2], 1e-5f);
  EXPECT_NEAR(logits[1], model_->match({12, 52, 13}, {&views[1], 1}).front(), 1e-5f);
  EXPECT_GT(std::abs(logits[0] - logits[1]), 1e-4f);
}

TEST_F(TorchModelTest, ManyThreadsGetTheSameNumbers) {
  const TokenIds text = {12, 52, 426, 13};
  const Matrix expected = model_->embed_texts({&text, 1});
  std::vector<Matrix> got(4);
  {
    std::vector<std::jthread> threads;
    for (auto& out : got) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) out = model_->embed_texts({&text, 1});
      });
    }
  }
  for (const Matrix& out : got) {
    for (std::size_t c = 0; c < out.columns(); ++c) EXPECT_NEAR(out.row(0)[c], expected.row(0)[c], 1e-6f);
  }
}

}  // namespace
}  // namespace tandem

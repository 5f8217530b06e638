#include "tandem/shared_passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/fail.h"
#include "encoders/sharing_model.h"
#include "support/expect_error.h"
#include "support/fake_model.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

constexpr std::chrono::hours kForever(1);

std::vector<TokenIds> token_lists(std::size_t count, std::size_t first = 0) {
  const char* colours[] = {"red", "green", "blue", "yellow", "gray", "orange"};
  std::vector<TokenIds> texts;
  for (std::size_t i = first; i < first + count; ++i) {
    texts.push_back(FakeTokenizer().encode(std::string(colours[i % 6]) + " word" + std::to_string(i)));
  }
  return texts;
}

std::vector<Matrix> make_tokens(std::size_t count, std::size_t first = 0) {
  std::vector<Matrix> images;
  for (std::size_t i = first; i < first + count; ++i) {
    Matrix& image = images.emplace_back(1 + i % 4, 8);
    for (std::size_t c = 0; c < 3; ++c) image.row(0)[c] = static_cast<float>((i + 1) * (c + 3) % 11) / 11;
  }
  return images;
}

std::vector<float> embed(const Model& model, const std::vector<TokenIds>& texts) {
  const Matrix embedded = model.embed_texts(texts);
  EXPECT_EQ(embedded.rows(), texts.size());
  return {embedded.data(), embedded.data() + embedded.size()};
}

// Every text with every image.
std::vector<float> match_all(const Model& model, const std::vector<TokenIds>& texts,
                             const std::vector<Matrix>& images) {
  std::vector<MatchPair> pairs;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (std::size_t t = 0; t < texts.size(); ++t) pairs.push_back({.text = t, .image = i});
  }
  return model.match_pairs(texts, std::vector<MatrixView>(images.begin(), images.end()), pairs);
}

// Passes everything on.
class PassingModel : public Model {
 public:
  explicit PassingModel(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

  const ModelInfo& info() const override { return model_->info(); }
  const Tokenizer& tokenizer() const override { return model_->tokenizer(); }
  ImageInput preprocess(const Image& image) const override { return model_->preprocess(image); }
  Matrix embed_texts(std::span<const TokenIds> texts) const override { return model_->embed_texts(texts); }
  std::vector<EncodedImage> encode_images(std::span<const ImageInput> images,
                                          ImageOutputs outputs) const override {
    return model_->encode_images(images, outputs);
  }
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override {
    return model_->match_pairs(texts, image_tokens, pairs);
  }

 private:
  std::shared_ptr<const Model> model_;
};

// Refuses empty texts and places that there are not, as models with weights do.
class StrictModel final : public PassingModel {
 public:
  using PassingModel::PassingModel;

  Matrix embed_texts(std::span<const TokenIds> texts) const override {
    Matrix embedded = PassingModel::embed_texts(texts);
    if (std::ranges::any_of(texts, &TokenIds::empty)) refuse(texts.size());
    return embedded;
  }
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override {
    for (const MatchPair& pair : pairs) {
      if (pair.text >= texts.size() || pair.image >= image_tokens.size()) refuse(pairs.size());
    }
    return PassingModel::match_pairs(texts, image_tokens, pairs);
  }

 private:
  [[noreturn]] static void refuse(std::size_t inputs) {
    fail(ErrorCode::kInvalidArgument, "one of {} is bad", inputs);
  }
};

// Forgets all but the first result.
class ForgetfulModel final : public PassingModel {
 public:
  using PassingModel::PassingModel;

  Matrix embed_texts(std::span<const TokenIds> texts) const override {
    return PassingModel::embed_texts(texts.first(1));
  }
  std::vector<float> match_pairs(std::span<const TokenIds> texts, std::span<const MatrixView> image_tokens,
                                 std::span<const MatchPair> pairs) const override {
    return PassingModel::match_pairs(texts, image_tokens, pairs.first(1));
  }
};

// A fake model with shared passes, the first of which lasts until release(): calls that come by then wait.
class SharedPasses : public ::testing::Test {
 protected:
  template <typename M = StrictModel>
  void share(SharedPassOptions options = {}) {
    model_ = std::make_shared<const encoders::SharingModel>(std::make_shared<const M>(fake_), options);
  }

  // Starts a call, whose pass lasts.
  template <typename Call>
  auto begin(Call call) {
    auto begun = std::async(std::launch::async, std::move(call));
    begun_.wait();
    return begun;
  }

  // Starts a call, which waits for a pass.
  template <typename Call>
  auto queue(Call call) {
    const std::size_t waiting = model_->waiting() + 1;
    auto queued = std::async(std::launch::async, std::move(call));
    while (model_->waiting() != waiting) std::this_thread::yield();
    return queued;
  }

  auto begin_embedding() {
    return begin([this] { return embed(*model_, token_lists(1)); });
  }
  auto queue_embedding(std::size_t count, std::size_t first) {
    return queue([=, this] { return embed(*model_, token_lists(count, first)); });
  }

  void release() { released_.count_down(); }

  std::size_t passes(FakeCall call = FakeCall::kEmbedTexts) const { return fake_->counts(call).calls; }
  std::size_t largest(FakeCall call = FakeCall::kEmbedTexts) const { return fake_->counts(call).largest; }

  const std::shared_ptr<const FakeModel> plain_ = make_fake_model();
  std::latch begun_{1};
  std::latch released_{1};
  std::atomic<bool> first_ = true;
  const std::shared_ptr<const FakeModel> fake_ = make_fake_model({.on_call = [this](FakeCall, std::size_t) {
    if (!first_.exchange(false)) return;
    begun_.count_down();
    released_.wait();
  }});
  std::shared_ptr<const encoders::SharingModel> model_;
};

TEST_F(SharedPasses, TextsThatComeDuringAPassShareTheNext) {
  share();
  auto first = begin_embedding();
  std::vector<std::future<std::vector<float>>> others;
  for (const std::size_t count : {3, 0, 1, 17}) others.push_back(queue_embedding(count, count));
  release();

  EXPECT_EQ(first.get(), embed(*plain_, token_lists(1)));
  std::size_t i = 0;
  for (const std::size_t count : {3, 0, 1, 17}) {
    EXPECT_EQ(others[i++].get(), embed(*plain_, token_lists(count, count)));
  }
  EXPECT_EQ(passes(), 2u);
  EXPECT_EQ(largest(), 21u);
}

TEST_F(SharedPasses, PairsThatComeDuringAPassShareTheNext) {
  share();
  const auto match = [](const Model& model, std::size_t i) {
    return match_all(model, token_lists(i, i), make_tokens(i + 1, i));
  };
  auto first = begin([&] { return match(*model_, 1); });
  auto second = queue([&] { return match(*model_, 2); });
  auto third = queue([&] { return match(*model_, 3); });
  const std::vector<Matrix> images = make_tokens(5, 9);
  const std::vector<MatrixView> views(images.begin(), images.end());
  auto of_one_text = queue([&] { return model_->match(token_lists(1).front(), views); });
  release();

  EXPECT_EQ(first.get(), match(*plain_, 1));
  EXPECT_EQ(second.get(), match(*plain_, 2));
  EXPECT_EQ(third.get(), match(*plain_, 3));
  EXPECT_EQ(of_one_text.get(), plain_->match(token_lists(1).front(), views));
  EXPECT_EQ(passes(FakeCall::kMatch), 2u);
  EXPECT_EQ(largest(FakeCall::kMatch), 6u + 12u + 5u);
}

TEST_F(SharedPasses, TextsDoNotWaitForPairs) {
  share();
  auto match = begin([&] { return match_all(*model_, token_lists(1), make_tokens(1)); });
  EXPECT_EQ(embed(*model_, token_lists(2)), embed(*plain_, token_lists(2)));
  release();
  match.get();
}

TEST_F(SharedPasses, APassTakesNoMoreThanTheMaximumInTheOrderOfComing) {
  share({.max_texts = 4});
  auto first = begin_embedding();
  std::vector<std::future<std::vector<float>>> others;
  for (const std::size_t count : {2, 3, 1, 4}) others.push_back(queue_embedding(count, count));
  release();
  std::size_t i = 0;
  for (const std::size_t count : {2, 3, 1, 4}) {
    EXPECT_EQ(others[i++].get(), embed(*plain_, token_lists(count, count)));
  }
  EXPECT_EQ(passes(), 4u);  // of 1, 2, 3 + 1 and 4
  EXPECT_EQ(largest(), 4u);
  first.get();
}

TEST_F(SharedPasses, ABigCallRunsByItselfAndWaitsForNobody) {
  share({.window = kForever, .max_texts = 2});
  auto first = begin_embedding();
  EXPECT_EQ(embed(*model_, token_lists(3)), embed(*plain_, token_lists(3)));
  release();
  first.get();
  EXPECT_EQ(passes(), 2u);
}

TEST_F(SharedPasses, ALoneCallerDoesNotWaitForTheWindow) {
  share({.window = kForever});
  release();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(embed(*model_, token_lists(1, i)), embed(*plain_, token_lists(1, i)));
  }
  EXPECT_EQ(passes(), 3u);
}

TEST_F(SharedPasses, CallsThatWaitedForAPassWaitOnForOthersUntilTheyFillTheNext) {
  share({.window = kForever, .max_texts = 6});
  auto first = begin_embedding();
  auto second = queue_embedding(1, 1);
  release();
  first.get();
  auto third = queue_embedding(2, 2);
  EXPECT_EQ(passes(), 1u);
  EXPECT_EQ(embed(*model_, token_lists(3, 3)), embed(*plain_, token_lists(3, 3)));
  EXPECT_EQ(second.get(), embed(*plain_, token_lists(1, 1)));
  EXPECT_EQ(third.get(), embed(*plain_, token_lists(2, 2)));
  EXPECT_EQ(passes(), 2u);
}

TEST_F(SharedPasses, WhatFilledThePassBeforeItCouldBeginDoesNotWaitForTheWindow) {
  share({.window = kForever, .max_texts = 2});
  auto first = begin_embedding();
  auto second = queue_embedding(1, 1);
  auto third = queue_embedding(1, 2);
  release();
  second.get();
  third.get();
  first.get();
  EXPECT_EQ(passes(), 2u);
}

TEST_F(SharedPasses, TheWindowEnds) {
  share({.window = std::chrono::microseconds(500)});
  auto first = begin_embedding();
  auto second = queue_embedding(1, 1);
  release();
  first.get();
  EXPECT_EQ(second.get(), embed(*plain_, token_lists(1, 1)));
}

TEST_F(SharedPasses, BadInputFailsItsOwnCallAlone) {
  share();
  auto first = begin_embedding();
  auto good = queue_embedding(1, 1);
  auto bad = queue([&] { return embed(*model_, std::vector<TokenIds>(2)); });
  auto better = queue_embedding(3, 3);
  auto worse = queue([&] { return embed(*model_, std::vector<TokenIds>(4)); });
  release();

  EXPECT_EQ(first.get(), embed(*plain_, token_lists(1)));
  EXPECT_EQ(good.get(), embed(*plain_, token_lists(1, 1)));
  expect_error(ErrorCode::kInvalidArgument, "one of 2 is bad", [&] { bad.get(); });
  EXPECT_EQ(better.get(), embed(*plain_, token_lists(3, 3)));
  expect_error(ErrorCode::kInvalidArgument, "one of 4 is bad", [&] { worse.get(); });
  EXPECT_EQ(passes(), 1u + 1u + 4u);
}

TEST_F(SharedPasses, ACallThatFailsByItselfIsRunOnceAndLetsTheNextOneIn) {
  share();
  auto first = begin([&] { return embed(*model_, std::vector<TokenIds>(1)); });
  auto second = queue_embedding(2, 2);
  release();
  expect_error(ErrorCode::kInvalidArgument, "one of 1 is bad", [&] { first.get(); });
  EXPECT_EQ(second.get(), embed(*plain_, token_lists(2, 2)));
  EXPECT_EQ(passes(), 2u);
}

TEST_F(SharedPasses, APlaceBehindTheListsOfACallIsNotInThoseOfTheNext) {
  share();
  const std::vector<TokenIds> texts = token_lists(1);
  const std::vector<Matrix> images = make_tokens(2);
  const std::vector<MatrixView> views(images.begin(), images.end());
  auto first = begin([&] { return model_->match(texts[0], views); });
  const MatchPair of_text = {.text = 1, .image = 0};
  const MatchPair of_image = {.text = 0, .image = 2};
  auto bad_text = queue([&] { return model_->match_pairs(texts, views, {&of_text, 1}); });
  auto bad_image = queue([&] { return model_->match_pairs(texts, views, {&of_image, 1}); });
  auto good = queue([&] { return model_->match(texts[0], views); });
  release();
  expect_error(ErrorCode::kInvalidArgument, "one of 1 is bad", [&] { bad_text.get(); });
  expect_error(ErrorCode::kInvalidArgument, "one of 1 is bad", [&] { bad_image.get(); });
  EXPECT_EQ(good.get(), plain_->match(texts[0], views));
  first.get();
}

TEST_F(SharedPasses, TextsOfWhichTheModelForgetsSomeAreEmbeddedByThemselves) {
  share<ForgetfulModel>();
  auto first = begin_embedding();
  auto second = queue_embedding(1, 1);
  auto third = queue_embedding(1, 2);
  release();
  first.get();
  EXPECT_EQ(second.get(), embed(*plain_, token_lists(1, 1)));
  EXPECT_EQ(third.get(), embed(*plain_, token_lists(1, 2)));
}

TEST_F(SharedPasses, PairsOfWhichTheModelForgetsSomeAreMatchedByThemselves) {
  share<ForgetfulModel>();
  const auto match = [](const Model& model, std::size_t i) {
    return match_all(model, token_lists(1, i), make_tokens(1, i));
  };
  auto first = begin([&] { return match(*model_, 0); });
  auto second = queue([&] { return match(*model_, 1); });
  auto third = queue([&] { return match(*model_, 2); });
  release();
  first.get();
  EXPECT_EQ(second.get(), match(*plain_, 1));
  EXPECT_EQ(third.get(), match(*plain_, 2));
}

TEST_F(SharedPasses, AStopWhileACallWaitsIsSeenByItsEncoderAlone) {
  share();
  auto first = begin_embedding();
  std::stop_source source;
  const std::vector<Text> texts = {"red", "green"};
  const auto encode = [&](std::stop_token stop) {
    const BiEncoder encoder(model_, {.batch_size = 1});
    return encoder.embed_texts(texts, stop).rows();
  };
  auto stopped = queue([&] { return encode(source.get_token()); });
  auto other = queue([&] { return encode({}); });
  source.request_stop();
  release();
  expect_error(ErrorCode::kCancelled, "cancelled", [&] { stopped.get(); });
  EXPECT_EQ(other.get(), 2u);
  first.get();
}

TEST(SharePasses, ThreadsGetTheirOwnResultsAndErrors) {
  const auto plain = make_fake_model();
  const auto strict = std::make_shared<const StrictModel>(plain);
  for (const SharedPassOptions options :
       {SharedPassOptions{}, {.window = std::chrono::microseconds(100), .max_texts = 7, .max_pairs = 13}}) {
    const auto shared = share_passes(strict, options);
    std::vector<std::jthread> threads;
    for (std::size_t thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::size_t i = 0; i < 30; ++i) {
          const std::size_t count = (thread * 5 + i) % 9;
          const std::vector<TokenIds> texts = token_lists(count, thread * 100 + i);
          const std::vector<Matrix> images = make_tokens(1 + i % 3, thread + i);
          EXPECT_EQ(embed(*shared, texts), embed(*plain, texts));
          EXPECT_EQ(match_all(*shared, texts, images), match_all(*plain, texts, images));
          EXPECT_THROW(shared->embed_texts(std::vector<TokenIds>(1 + count)), Error);
        }
      });
    }
  }
}

TEST(SharePasses, TheEncodersTakeItAsAnyModel) {
  const auto fake = make_fake_model();
  const auto shared = share_passes(fake);
  EXPECT_EQ(&shared->info(), &fake->info());
  EXPECT_EQ(&shared->tokenizer(), &fake->tokenizer());

  const std::vector<Image> pictures = {solid_picture(255, 0, 0), solid_picture(0, 0, 255)};
  const std::vector<Text> texts = {"a red bus", "blue"};
  EXPECT_EQ(CrossEncoder(shared, {.batch_size = 1}).score("red", pictures),
            CrossEncoder(fake).score("red", pictures));
  const Matrix embedded = BiEncoder(shared).embed_texts(texts);
  const Matrix wanted = BiEncoder(fake).embed_texts(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(embedded.row(i), wanted.row(i)));
  }
  EXPECT_EQ(fake->counts(FakeCall::kMatch).calls, 3u);
}

TEST(SharePasses, WhatCannotWorkIsRefused) {
  const auto fake = make_fake_model();
  expect_error(ErrorCode::kInvalidArgument, "no model", [] { share_passes(nullptr); });
  expect_error(ErrorCode::kInvalidArgument, "max_texts is 0: give at least 1",
               [&] { share_passes(fake, {.max_texts = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "max_pairs is 0: give at least 1",
               [&] { share_passes(fake, {.max_pairs = 0}); });
  for (const auto window : {std::chrono::microseconds(-1), std::chrono::microseconds::max()}) {
    expect_error(ErrorCode::kInvalidArgument, "microseconds: give 0 to one hour",
                 [&] { share_passes(fake, {.window = window}); });
  }
}

}  // namespace
}  // namespace tandem

#include "tandem/retriever.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/fake_model.h"
#include "support/memory_gallery.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Image kRed = solid_picture(255, 0, 0);
const Image kGreen = solid_picture(0, 255, 0);
const Image kBlue = solid_picture(0, 0, 255);
const Image kOrange = solid_picture(255, 128, 0);

class RetrieverTest : public ::testing::Test {
 protected:
  ImageId add(const Image& picture, const std::filesystem::path& path = "picture.png") {
    const ImageInput pixels = model_->preprocess(picture);
    const ImageId id = static_cast<ImageId>(gallery_->stored_images.size()) + 1;
    auto& stored = gallery_->stored_images[id];
    stored.record.id = id;
    stored.record.path = path;
    stored.encoded = model_->encode_images({&pixels, 1}, {.embedding = true, .tokens = true}).front();
    return id;
  }
  CaptionId add_caption(ImageId image, const Text& text) {
    const CaptionId id = static_cast<CaptionId>(gallery_->stored_captions.size()) + 1;
    const TokenIds tokens = model_->tokenizer().encode(text.text);
    const Matrix embedding = model_->embed_texts({&tokens, 1});
    gallery_->stored_captions[id] = {{id, image, text}, {embedding.row(0).begin(), embedding.row(0).end()}};
    return id;
  }
  void use_model(FakeModelOptions options, TokenStorage tokens = TokenStorage::kFp16) {
    model_ = make_fake_model(std::move(options));
    gallery_ = std::make_shared<MemoryGallery>(memory_gallery_info(model_->info(), tokens));
  }
  Retriever retriever() const { return Retriever(gallery_, model_); }

  static Query text(const char* words) { return {.text = Text(words), .image = {}}; }
  static Query picture(const Image& image) { return {.text = {}, .image = image}; }

  template <typename Hits>
  static std::vector<std::int64_t> ids(const Hits& hits) {
    std::vector<std::int64_t> result;
    for (const auto& hit : hits) result.push_back(hit.id);
    return result;
  }
  static void expect_ranks(const std::vector<Hit>& hits) {
    for (std::size_t i = 0; i < hits.size(); ++i) EXPECT_EQ(hits[i].rank, i + 1);
  }
  ErrorCode error_of(const Query& query, const SearchOptions& options = {}) {
    try {
      retriever().search(query, options);
    } catch (const Error& error) {
      message_ = error.what();
      return error.code();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorCode::kBackend;
  }

  std::shared_ptr<const FakeModel> model_ = make_fake_model();
  std::shared_ptr<MemoryGallery> gallery_ =
      std::make_shared<MemoryGallery>(memory_gallery_info(model_->info()));
  SearchOptions options_;
  std::string message_;
};

TEST_F(RetrieverTest, ATextFindsItsPictureFirst) {
  const ImageId green = add(kGreen);
  const ImageId red = add(kRed, "red.png");
  const ImageId orange = add(kOrange);
  const auto hits = retriever().search(text("red"));
  EXPECT_THAT(ids(hits), ElementsAre(red, orange, green));
  expect_ranks(hits);
  EXPECT_EQ(hits[0].path, "red.png");
  ASSERT_TRUE(hits[0].logit && hits[0].probability);
  EXPECT_NEAR(*hits[0].logit, 8, 1e-4);
  EXPECT_FLOAT_EQ(*hits[0].probability, match_probability(*hits[0].logit));
}

TEST_F(RetrieverTest, ProbabilitiesAreThoseOfTheModelsCalibration) {
  FakeModelOptions calibrated;
  calibrated.calibration = {0.5f, -3.9f};
  use_model(calibrated);
  const ImageId red = add(kRed);
  add(kGreen);
  const auto hits = retriever().search(text("red"));
  EXPECT_NEAR(*hits[0].logit, 8, 1e-4);
  EXPECT_NEAR(*hits[0].probability, match_probability(0.1f), 1e-4);
  options_.min_probability = 0.5f;
  EXPECT_THAT(ids(retriever().search(text("red"), options_)), ElementsAre(red));
  options_.min_probability = 0.53f;
  EXPECT_THAT(ids(retriever().search(text("red"), options_)), ElementsAre());
}

TEST_F(RetrieverTest, LogitAndSimilarityDecideTogetherWhereTheyAreCalibratedTogether) {
  FakeModelOptions fused;
  fused.match_scale = -8;  // the logit alone would turn the order round
  fused.calibration = {1, 0, Calibration::Fused{0.5f, 16, -7}};
  use_model(fused);
  const ImageId red = add(kRed);
  const ImageId orange = add(kOrange);
  const ImageId green = add(kGreen);
  const auto hits = retriever().search(text("red"));
  EXPECT_THAT(ids(hits), ElementsAre(red, orange, green));
  for (const Hit& hit : hits) {
    EXPECT_NEAR(*hit.probability, match_probability(0.5f * *hit.logit + 16 * hit.similarity - 7), 1e-5);
  }
  options_.min_probability = *hits[0].probability;
  EXPECT_THAT(ids(retriever().search(text("red"), options_)), ElementsAre(red));
}

TEST_F(RetrieverTest, TheLogitDecidesTheOrderNotTheSimilarity) {
  FakeModelOptions backwards;
  backwards.match_scale = -8;
  use_model(backwards);
  const ImageId red = add(kRed);
  const ImageId orange = add(kOrange);
  const ImageId green = add(kGreen);
  EXPECT_THAT(ids(retriever().search(text("red"))), ElementsAre(green, orange, red));
  options_.rerank = false;
  const auto plain = retriever().search(text("red"), options_);
  EXPECT_THAT(ids(plain), ElementsAre(red, orange, green));
  EXPECT_FALSE(plain[0].logit || plain[0].probability);
}

TEST_F(RetrieverTest, TiesAreOrderedById) {
  for (int i = 0; i < 5; ++i) add(kRed);
  EXPECT_THAT(ids(retriever().search(text("red"))), ElementsAre(1, 2, 3, 4, 5));
  options_.rerank = false;
  options_.top_k = 3;
  EXPECT_THAT(ids(retriever().search(text("red"), options_)), ElementsAre(1, 2, 3));
}

TEST_F(RetrieverTest, AnEmptyGalleryGivesNoHits) {
  EXPECT_THAT(retriever().search(text("red")), IsEmpty());
  EXPECT_THAT(retriever().search(picture(kRed)), IsEmpty());
  EXPECT_THAT(retriever().search_captions(kRed), IsEmpty());
}

TEST_F(RetrieverTest, MoreThanThereAreGivesAllThereAre) {
  for (int i = 0; i < 17; ++i) add(kRed);
  options_.top_k = 33;
  EXPECT_EQ(retriever().search(text("red"), options_).size(), 17u);
  options_.rerank = false;
  EXPECT_EQ(retriever().search(text("red"), options_).size(), 17u);
}

TEST_F(RetrieverTest, TheShortlistBoundsWhatTheCrossEncoderReads) {
  for (int i = 0; i < 60; ++i) add(kRed);
  options_.top_k = 2;
  retriever().search(text("red"), options_);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).inputs, 50u) << "the default";
  options_.top_k = 55;
  retriever().search(text("red"), options_);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).inputs, 50u + 55u) << "top_k where that is more";
  options_.top_k = 2;
  options_.shortlist = 3;
  retriever().search(text("red"), options_);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).inputs, 50u + 55u + 3u);
  EXPECT_THAT(gallery_->asked, ElementsAre(50, 55, 3));
}

TEST_F(RetrieverTest, CandidatesAreReadInBatches) {
  for (int i = 0; i < 33; ++i) add(kRed);
  options_.batch_size = 8;
  retriever().search(text("red"), options_);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).largest, 8u);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).calls, 5u);
}

TEST_F(RetrieverTest, UnlikelyHitsAreDropped) {
  const ImageId red = add(kRed);
  add(kGreen);
  options_.min_probability = 0.9f;
  EXPECT_THAT(ids(retriever().search(text("red"), options_)), ElementsAre(red));
  options_.min_probability = 0.0f;
  EXPECT_EQ(retriever().search(text("red"), options_).size(), 2u);
}

TEST_F(RetrieverTest, AProbabilityTurnsRerankingOnWhereTheModelWouldNot) {
  FakeModelOptions shy;
  shy.rerank_by_default = false;
  use_model(shy);
  add(kRed);
  EXPECT_FALSE(retriever().search(text("red")).front().logit);
  options_.min_probability = 0.1f;
  EXPECT_TRUE(retriever().search(text("red"), options_).front().logit);
  options_ = {};
  options_.rerank = true;
  EXPECT_TRUE(retriever().search(text("red"), options_).front().logit);
}

TEST_F(RetrieverTest, APictureFindsPicturesLikeItAndIsNeverReranked) {
  const ImageId blue = add(kBlue);
  const ImageId orange = add(kOrange);
  const ImageId red = add(kRed);
  options_.rerank = true;
  const auto hits = retriever().search(picture(kRed), options_);
  EXPECT_THAT(ids(hits), ElementsAre(red, orange, blue));
  EXPECT_NEAR(hits[0].similarity, 1, 1e-5);
  EXPECT_FALSE(hits[0].logit);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).calls, 0u);
}

TEST_F(RetrieverTest, APictureQueryGivesTopKThoughTheShortlistIsLonger) {
  for (int i = 0; i < 5; ++i) add(kRed);
  options_.top_k = 2;
  EXPECT_THAT(ids(retriever().search(picture(kRed), options_)), ElementsAre(1, 2));
}

TEST_F(RetrieverTest, TextAndPictureAreShortlistedByTheirMeanAndRankedByTheText) {
  const ImageId red = add(kRed);
  const ImageId olive = add(solid_picture(128, 128, 0));  // half way between red and green
  add(kGreen);
  const ImageId blue = add(kBlue);
  const Query both = {.text = "red", .image = kGreen};
  options_.rerank = false;
  const auto mean = retriever().search(both, options_);
  EXPECT_EQ(mean.front().id, olive);
  EXPECT_EQ(mean.back().id, blue);
  EXPECT_GT(mean.front().similarity, 0.95f) << "the mean has length 1";
  options_.rerank = true;
  EXPECT_EQ(retriever().search(both, options_).front().id, red) << "the text ranks";
  options_.top_k = 1;
  options_.shortlist = 1;
  EXPECT_EQ(retriever().search(both, options_).front().id, olive) << "the mean makes the shortlist";
}

TEST_F(RetrieverTest, ManyQueriesAtOnceEqualOneByOneAndEmbedOnce) {
  for (const Image& image : {kRed, kGreen, kBlue, kOrange}) add(image);
  const std::vector<Query> queries = {
      text("blue"), picture(kGreen), {.text = "red", .image = kBlue}, text("orange")};
  const auto together = retriever().search(queries, options_);
  EXPECT_EQ(model_->counts(FakeCall::kEmbedTexts).calls, 1u);
  ASSERT_EQ(together.size(), queries.size());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto alone = retriever().search(queries[i], options_);
    EXPECT_EQ(ids(together[i]), ids(alone)) << i;
  }
  EXPECT_THAT(retriever().search(std::span<const Query>(), options_), IsEmpty());
}

TEST_F(RetrieverTest, SeveralEmbeddingsOfAPictureCountByTheirBest) {
  FakeModelOptions several;
  several.embedding_rows = 3;
  several.grid = 1;
  use_model(several);
  const ImageId green = add(kGreen);
  const ImageId red = add(kRed);
  options_.top_k = 2;
  EXPECT_THAT(ids(retriever().search(picture(kRed), options_)), ElementsAre(red, green));
}

TEST_F(RetrieverTest, WithoutStoredTokensThePicturesAreReadAgain) {
  TemporaryFolder folder;
  use_model({}, TokenStorage::kNone);
  write_png(folder.path() / "red.png", kRed);
  write_png(folder.path() / "green.png", kGreen);
  const ImageId green = add(kGreen, folder.path() / "green.png");
  const ImageId red = add(kRed, folder.path() / "red.png");
  const auto hits = retriever().search(text("red"));
  EXPECT_THAT(ids(hits), ElementsAre(red, green));
  EXPECT_NEAR(*hits[0].logit, 8, 1e-4);

  std::filesystem::remove(folder.path() / "green.png");
  EXPECT_EQ(error_of(text("red")), ErrorCode::kNotFound);
  EXPECT_THAT(message_, HasSubstr("green.png"));
  EXPECT_THAT(message_, HasSubstr("bring the file back, remove the picture from the gallery"));
  EXPECT_THAT(message_, HasSubstr("search without reranking"));
  options_.rerank = false;
  EXPECT_EQ(retriever().search(text("red"), options_).size(), 2u);
}

TEST_F(RetrieverTest, CaptionsOfAPictureAreRanked) {
  const ImageId image = add(kRed);
  const CaptionId green = add_caption(image, "green");
  const CaptionId red = add_caption(image, Text("red", "en"));
  for (const bool rerank : {false, true}) {
    options_.rerank = rerank;
    const auto hits = retriever().search_captions(kRed, options_);
    EXPECT_THAT(ids(hits), ElementsAre(red, green));
    EXPECT_EQ(hits[0].text.text, "red");
    EXPECT_EQ(hits[0].text.language, "en");
    EXPECT_EQ(hits[0].image, image);
    EXPECT_EQ(hits[0].rank, 1u);
    EXPECT_EQ(hits[0].logit.has_value(), rerank);
  }
  options_.top_k = 1;
  EXPECT_THAT(ids(retriever().search_captions(kRed, options_)), ElementsAre(red));
}

TEST_F(RetrieverTest, AQueryOfNothingIsRefusedWithAMend) {
  for (const char* words : {"", " \t\n"}) {
    EXPECT_EQ(error_of(text(words)), ErrorCode::kInvalidArgument);
    EXPECT_THAT(message_, HasSubstr("empty text"));
  }
  EXPECT_EQ(error_of({}), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("neither a text nor a picture"));
  EXPECT_EQ(error_of(text("a\xFF")), ErrorCode::kInvalidArgument);
}

TEST_F(RetrieverTest, OnlyEmojiIsAQuery) {
  add(kRed);
  EXPECT_EQ(retriever().search(text("\xF0\x9F\x8F\x96")).size(), 1u);
}

TEST_F(RetrieverTest, AModelWithoutAMatchingHeadSearchesButDoesNotRerank) {
  FakeModelOptions clip;
  clip.capabilities.match = false;
  use_model(clip);
  add(kRed);
  EXPECT_EQ(retriever().search(text("red")).size(), 1u);
  options_.rerank = true;
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kUnsupported);
  options_ = {};
  options_.min_probability = 0.5f;
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kUnsupported);
}

TEST_F(RetrieverTest, AProbabilityForAPictureAloneIsRefused) {
  options_.min_probability = 0.5f;
  EXPECT_EQ(error_of(picture(kRed), options_), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("needs a text"));
}

TEST_F(RetrieverTest, AShortlistBelowTopKIsRefusedWhereTheModelReranksByItself) {
  options_.shortlist = 5;
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kInvalidArgument);
  EXPECT_EQ(message_, "shortlist (5) is below top_k (10): raise the shortlist or lower top_k");
  options_.rerank = false;
  EXPECT_THAT(retriever().search(text("red"), options_), IsEmpty()) << "it does not matter then";
}

TEST_F(RetrieverTest, AStopBetweenBatchesCancels) {
  std::stop_source stop;
  FakeModelOptions stopping;
  stopping.on_call = [&](FakeCall call, std::size_t) {
    if (call == FakeCall::kMatch) stop.request_stop();
  };
  use_model(stopping);
  for (int i = 0; i < 33; ++i) add(kRed);
  options_.stop = stop.get_token();
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kCancelled);
  EXPECT_EQ(model_->counts(FakeCall::kMatch).calls, 1u);
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kCancelled) << "a stop before the search";
}

TEST_F(RetrieverTest, ValuesThatAreNotFiniteAreErrorsNotHits) {
  add(kRed);
  EXPECT_EQ(error_of(text("nan")), ErrorCode::kBackend);
}

TEST_F(RetrieverTest, AnotherModelThanTheGallerysIsRefused) {
  FakeModelOptions other;
  other.weights_fingerprint = "other";
  EXPECT_THROW(Retriever(gallery_, make_fake_model(other)), Error);
  EXPECT_THROW(Retriever(nullptr, model_), Error);
  EXPECT_THROW(Retriever(gallery_, nullptr), Error);
}

// Two models: the second ranks backwards, so that its work shows.
class TwoModelsTest : public RetrieverTest {
 protected:
  TwoModelsTest() {
    FakeModelOptions first;
    first.capabilities.match = false;
    first.rerank_by_default = false;
    FakeModelOptions second;
    second.family = "second";
    second.path = "models/second";
    second.capabilities = {.embed_text = false, .embed_image = false, .match = true};
    second.token_width = 5;
    second.match_scale = -8;
    second.rerank_by_default = false;
    second.weights_fingerprint = "second";
    model_ = make_fake_model(first);
    second_ = make_fake_model(second);
    use_gallery(TokenStorage::kFp16);
  }
  void use_gallery(TokenStorage tokens) {
    gallery_ =
        std::make_shared<MemoryGallery>(memory_gallery_info({model_->info(), &second_->info()}, tokens));
    for (const Image* picture : {&kRed, &kOrange, &kGreen}) {
      const ImageId id = add(*picture);
      const ImageInput pixels = second_->preprocess(*picture);
      gallery_->stored_images[id].encoded.tokens =
          second_->encode_images({&pixels, 1}, {.embedding = false, .tokens = true}).front().tokens;
    }
  }
  Retriever both() const { return Retriever(gallery_, {model_, second_}); }

  std::shared_ptr<const FakeModel> second_;
};

TEST_F(TwoModelsTest, TheFirstFindsAndTheSecondRanks) {
  options_.top_k = 2;
  options_.shortlist = 2;
  const auto hits = both().search(text("red"), options_);
  EXPECT_THAT(ids(hits), ElementsAre(2, 1)) << "of red and orange, which the first one finds";
  EXPECT_GT(hits[1].similarity, hits[0].similarity);
  EXPECT_NEAR(*hits[1].logit, -8, 1e-4);
  options_.rerank = false;
  EXPECT_THAT(ids(both().search(text("red"), options_)), ElementsAre(1, 2));
  EXPECT_EQ(model_->counts(FakeCall::kMatch).calls, 0u);
  EXPECT_EQ(second_->counts(FakeCall::kEmbedTexts).calls, 0u);
}

TEST_F(TwoModelsTest, CaptionsAreRankedByTheSecondToo) {
  add_caption(1, "red");
  add_caption(3, "green");
  const auto hits = both().search_captions(kRed);
  EXPECT_THAT(ids(hits), ElementsAre(2, 1));
  EXPECT_NEAR(*hits[1].logit, -8, 1e-4);
}

TEST_F(TwoModelsTest, WithoutTheSecondThereIsNoReranking) {
  EXPECT_THAT(ids(retriever().search(text("red"))), ElementsAre(1, 2, 3));
  options_.rerank = true;
  EXPECT_EQ(error_of(text("red"), options_), ErrorCode::kInvalidArgument);
  EXPECT_THAT(message_, HasSubstr("models/second"));
}

TEST_F(TwoModelsTest, AnotherSecondIsRefused) {
  EXPECT_THROW(Retriever(gallery_, {model_, make_fake_model()}), Error);
  EXPECT_THROW(Retriever(gallery_, {second_, second_}), Error);
}

TEST_F(TwoModelsTest, AnySecondRanksAGalleryOfOneModelWithoutTokens) {
  const TemporaryFolder folder;
  gallery_ = std::make_shared<MemoryGallery>(memory_gallery_info(model_->info(), TokenStorage::kNone));
  for (const auto& [name, picture] : {std::pair("red.png", kRed), std::pair("green.png", kGreen)}) {
    write_png(folder.path() / name, picture);
    add(picture, folder.path() / name);
  }
  EXPECT_THAT(ids(both().search(text("red"))), ElementsAre(2, 1));
  EXPECT_THAT(ids(retriever().search(text("red"))), ElementsAre(1, 2));
}

}  // namespace
}  // namespace tandem

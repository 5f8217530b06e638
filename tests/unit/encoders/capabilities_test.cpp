#include "encoders/capabilities.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/fake_model.h"
#include "tandem/encoders.h"

namespace tandem {
namespace {

TEST(Describe, SaysWhatAModelCanAndCannot) {
  EXPECT_EQ(describe({true, true, true}), "embed texts and pictures and match a text with a picture");
  EXPECT_EQ(describe({true, true, false}), "embed texts and pictures but have no matching head");
  EXPECT_EQ(describe({true, false, true}), "embed texts but not pictures and match a text with a picture");
  EXPECT_EQ(describe({true, false, false}), "embed texts but not pictures and have no matching head");
  EXPECT_EQ(describe({false, true, true}), "embed pictures but not texts and match a text with a picture");
  EXPECT_EQ(describe({false, true, false}), "embed pictures but not texts and have no matching head");
  EXPECT_EQ(describe({false, false, true}), "match a text with a picture but do not embed them on their own");
  EXPECT_EQ(describe({false, false, false}), "neither embed texts or pictures nor match them");
}

constexpr FamilyInfo kFamilies[] = {{"towers", {true, true, false}},
                                    {"stream", {false, false, true}},
                                    {"both", {true, true, true}},
                                    {"boxes", {true, true, true}, /*reads_regions=*/true}};

TEST(Capabilities, AModelWithoutAMatchingHeadIsNoCrossEncoder) {
  const auto clip =
      make_fake_model({.family = "towers", .capabilities = {true, true, false}, .families = kFamilies});
  expect_error(
      ErrorCode::kUnsupported,
      "models/fake: towers models embed texts and pictures but have no matching head; load one of stream or "
      "both to rerank, or search without reranking",
      [&] { CrossEncoder encoder(clip); });
}

TEST(Capabilities, AModelThatOnlyMatchesIsNoBiEncoder) {
  const auto vilt =
      make_fake_model({.family = "stream", .capabilities = {false, false, true}, .families = kFamilies});
  expect_error(
      ErrorCode::kUnsupported,
      "stream models match a text with a picture but do not embed them on their own; load one of towers or "
      "both to search, and use this one to rerank",
      [&] { BiEncoder encoder(vilt); });
}

TEST(Capabilities, ModelsThatReadTheSameAreRecommended) {
  const auto boxes = make_fake_model(
      {.family = "boxes", .capabilities = {true, true, false}, .reads_regions = true, .families = kFamilies});
  expect_error(ErrorCode::kUnsupported, "; load one of boxes to rerank",
               [&] { CrossEncoder encoder(boxes); });
}

TEST(Capabilities, WhereNoFamilyIsKnownNoneIsNamed) {
  const auto model = make_fake_model({.capabilities = {true, true, false}});
  expect_error(ErrorCode::kUnsupported, "; load another model to rerank",
               [&] { CrossEncoder encoder(model); });
}

TEST(Capabilities, EachSideIsAskedForOnItsOwn) {
  const BiEncoder texts(make_fake_model({.capabilities = {true, false, false}}));
  EXPECT_EQ(texts.embed_texts(std::vector<Text>{"red"}).rows(), 1u);
  expect_error(ErrorCode::kUnsupported, "not pictures",
               [&] { texts.embed_images(std::span<const Image>()); });
  const BiEncoder images(make_fake_model({.capabilities = {false, true, false}}));
  EXPECT_EQ(images.embed_images(std::vector<Image>{solid_picture(1, 2, 3)}).size(), 1u);
  expect_error(ErrorCode::kUnsupported, "not texts", [&] { images.embed_texts({}); });
}

TEST(EncoderOptions, AnEmptyBatchIsRefused) {
  expect_error(ErrorCode::kInvalidArgument, "batch_size is 0: give at least 1",
               [] { BiEncoder encoder(make_fake_model(), {.batch_size = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "batch_size",
               [] { CrossEncoder encoder(make_fake_model(), {.batch_size = 0}); });
}

TEST(Encoders, NoModelIsRefused) {
  expect_error(ErrorCode::kInvalidArgument, "no model", [] { BiEncoder encoder(nullptr); });
  expect_error(ErrorCode::kInvalidArgument, "no model", [] { CrossEncoder encoder(nullptr); });
}

}  // namespace
}  // namespace tandem

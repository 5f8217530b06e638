#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "gallery/token_codec.h"
#include "gallery/token_merging.h"
#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

TEST(TokenBudgetText, ComesBackAsWritten) {
  EXPECT_EQ(parse_token_budget("int8:64"), (TokenBudget{TokenStorage::kInt8, 64}));
  EXPECT_EQ(parse_token_budget("none"), (TokenBudget{TokenStorage::kNone, 0}));
  for (const char* text : {"fp16", "int8", "none", "int8:2", "fp16:64", "int8:65536"}) {
    EXPECT_EQ(to_string(parse_token_budget(text)), text);
  }
}

TEST(TokenBudgetText, WhatIsNoneIsRefused) {
  for (const char* text : {"",
                           ":",
                           ":64",
                           "fp8",
                           "fp8:64",
                           "none:5",
                           "none:0",
                           "int8:",
                           "int8:0",
                           "int8:1",
                           "int8:65537",
                           "int8:x",
                           "int8:64x",
                           "int8:64:64",
                           "int8: 64",
                           "int8:064",
                           "int8:+64",
                           "int8:-64",
                           "int8:6.4",
                           "int8:18446744073709551680",
                           "int8:99999999999999999999"}) {
    EXPECT_EQ(error_code_of([&] { parse_token_budget(text); }), ErrorCode::kInvalidArgument) << text;
  }
}

class TokenBudgetTest : public ::testing::TestWithParam<TokenStorage> {
 protected:
  static ModelInfo model() {
    ModelInfo model = made_model();
    model.first_whole_tokens = 1;
    model.last_whole_tokens = 1;
    return model;
  }
  // As a gallery of at most `count` gives them back.
  static Matrix stored(const Matrix& tokens, std::size_t count) {
    const auto type =
        GetParam() == TokenStorage::kInt8 ? gallery::ElementType::kInt8 : gallery::ElementType::kFp16;
    const Matrix merged = gallery::merge_tokens(tokens, count, 1, 1);
    return gallery::decode_rows(gallery::encode_rows(merged, type), type, tokens.columns());
  }
  void expect_clean() {
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }

  TemporaryFolder folder_;
  std::filesystem::path gallery_ = folder_.path() / "g";
  GalleryOptions options_{.tokens = GetParam(), .index_spec = "exact", .max_tokens = 3};
};

TEST_P(TokenBudgetTest, PicturesWithMoreTokensGetThemMerged) {
  add_images(*GalleryWriter::open(gallery_, model(), options_), folder_.path(), 0, 17);
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->info().max_tokens, 3u);
  const auto images = gallery->images();
  ASSERT_EQ(images.size(), 17u);
  for (std::uint32_t n = 0; n < 17; ++n) {
    const Matrix wanted = stored(made_image(folder_.path(), n).encoded.tokens, 3);
    const Matrix found = gallery->tokens(images[n].id);
    ASSERT_EQ(found.rows(), std::min<std::size_t>(1 + n % 5, 3));
    EXPECT_TRUE(std::equal(found.data(), found.data() + found.size(), wanted.data())) << n;
  }
  expect_clean();
}

TEST_P(TokenBudgetTest, AGalleryKeepsItsOwnWhoeverWritesLater) {
  GalleryWriter::open(gallery_, model(), options_);
  EXPECT_EQ(Gallery::peek(gallery_)->max_tokens, 3u);
  const NewImage many = made_image(folder_.path(), 4);
  ASSERT_EQ(many.encoded.tokens.rows(), 5u);
  {
    const auto writer = GalleryWriter::open(gallery_, model(), {.max_tokens = 4});
    EXPECT_EQ(writer->info().max_tokens, 3u);
    const ImageId id = writer->add(many);
    writer->add_copy(id, made_image(folder_.path(), 104).record);
    writer->commit();
  }
  const auto writer = GalleryWriter::open_existing(gallery_);
  EXPECT_EQ(writer->info().max_tokens, 3u);
  writer->add(made_image(folder_.path(), 9));
  writer->remove(many.record.path);
  writer->commit();
  writer->compact();
  const auto gallery = Gallery::open(gallery_);
  ASSERT_EQ(gallery->images().size(), 2u);
  for (const ImageRecord& image : gallery->images()) EXPECT_EQ(gallery->tokens(image.id).rows(), 3u);
  expect_clean();
}

TEST_P(TokenBudgetTest, ARefusedPictureChangesNothing) {
  const auto writer = GalleryWriter::open(gallery_, model(), options_);
  NewImage image = made_image(folder_.path(), 4);
  image.encoded.tokens.row(2)[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_code_of([&] { writer->add(image); }), ErrorCode::kInvalidArgument);
  add_images(*writer, folder_.path(), 4, 1);
  EXPECT_EQ(writer->info().images, 1u);
  expect_clean();
}

TEST_P(TokenBudgetTest, WithoutOneAllTokensAreStored) {
  options_.max_tokens = 0;
  add_images(*GalleryWriter::open(gallery_, model(), options_), folder_.path(), 4, 1);
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->info().max_tokens, 0u);
  EXPECT_EQ(gallery->tokens(1).rows(), 5u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TokenBudgetTest, ::testing::Values(TokenStorage::kFp16, TokenStorage::kInt8),
                         [](const auto& one) { return std::string(to_string(one.param)); });

}  // namespace
}  // namespace tandem

#include <gtest/gtest.h>

#include <cmath>

#include "index/exact_index.h"
#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

struct StoredAs {
  TokenStorage tokens;
  std::size_t embedding_rows;
};

class RoundTrip : public ::testing::TestWithParam<StoredAs> {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path gallery_ = folder_.path() / "gallery";
  std::filesystem::path pictures_ = folder_.path() / "pictures";
};

void expect_tokens(const Matrix& found, const Matrix& wanted, TokenStorage storage) {
  ASSERT_EQ(found.rows(), wanted.rows());
  ASSERT_EQ(found.columns(), wanted.columns());
  for (std::size_t i = 0; i < wanted.rows(); ++i) {
    float largest = 0;
    for (const float value : wanted.row(i)) largest = std::max(largest, std::fabs(value));
    for (std::size_t j = 0; j < wanted.columns(); ++j) {
      const float tolerance = storage == TokenStorage::kInt8 ? largest / 127 / 2 * 1.001F
                                                             : std::fabs(wanted.row(i)[j]) / 2048 + 1e-7F;
      EXPECT_NEAR(found.row(i)[j], wanted.row(i)[j], tolerance);
    }
  }
}

void expect_image(const Gallery& gallery, const ImageRecord& found, const NewImage& wanted) {
  EXPECT_EQ(found.path, wanted.record.path);
  EXPECT_EQ(found.stamp, wanted.record.stamp);
  EXPECT_EQ(found.content_hash, wanted.record.content_hash);
  EXPECT_EQ(found.width, wanted.record.width);
  EXPECT_EQ(found.height, wanted.record.height);
  EXPECT_EQ(found.metadata, wanted.record.metadata);
  const Matrix embedding = gallery.embedding(found.id);
  ASSERT_EQ(embedding.rows(), wanted.encoded.embedding.rows());
  for (std::size_t i = 0; i < embedding.rows(); ++i) {
    EXPECT_TRUE(std::equal(embedding.row(i).begin(), embedding.row(i).end(),
                           wanted.encoded.embedding.row(i).begin()));
  }
  const auto captions = gallery.captions_of(found.id);
  ASSERT_EQ(captions.size(), wanted.captions.size());
  for (std::size_t i = 0; i < captions.size(); ++i) {
    EXPECT_EQ(captions[i].image, found.id);
    EXPECT_EQ(captions[i].text.text, wanted.captions[i].text.text);
    EXPECT_EQ(captions[i].text.language, "en");
    EXPECT_EQ(gallery.caption(captions[i].id).text.text, captions[i].text.text);
  }
}

TEST_P(RoundTrip, WhatWasCommittedIsReadBackInEverySize) {
  const auto [storage, rows] = GetParam();
  for (const std::uint32_t count : {0, 1, 2, 17, 33}) {
    const auto path = gallery_ / std::to_string(count);
    const auto writer = GalleryWriter::open(path, made_model(rows), {storage, "exact"});
    add_images(*writer, pictures_, 0, count);
    writer->add_skipped({pictures_ / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "not a picture"});
    writer->commit();
    const auto gallery = Gallery::open(path);
    EXPECT_EQ(gallery->info().images, count);
    EXPECT_EQ(gallery->info().skipped, 1u);
    EXPECT_EQ(gallery->info().tokens, storage);
    EXPECT_EQ(gallery->info().dimension, 12u);
    EXPECT_GT(gallery->info().bytes, 0u);
    const auto images = gallery->images();
    ASSERT_EQ(images.size(), count);
    for (std::uint32_t n = 0; n < count; ++n) {
      const NewImage wanted = made_image(pictures_, n, rows);
      expect_image(*gallery, images[n], wanted);
      if (storage == TokenStorage::kNone) {
        EXPECT_EQ(error_code_of([&] { gallery->tokens(images[n].id); }), ErrorCode::kUnsupported);
      } else {
        expect_tokens(gallery->tokens(images[n].id), wanted.encoded.tokens, storage);
      }
    }
    const auto skipped = gallery->skipped();
    ASSERT_EQ(skipped.size(), 1u);
    EXPECT_EQ(skipped[0].path, pictures_ / "bad.jpg");
    EXPECT_EQ(skipped[0].code, ErrorCode::kBadFormat);
    EXPECT_EQ(skipped[0].reason, "not a picture");
    const auto report = verify_gallery(path, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(report.images, count);
  }
}

TEST_P(RoundTrip, TheNearestAreThoseOfAPlainScanEachPictureOnce) {
  const auto [storage, rows] = GetParam();
  const auto writer = GalleryWriter::open(gallery_, made_model(rows), {storage, "exact"});
  add_images(*writer, pictures_, 0, 33);
  const auto gallery = Gallery::open(gallery_);
  const Matrix queries = random_vectors(4, 12, 77);
  const auto found = gallery->nearest_images(queries, 40);
  for (std::size_t q = 0; q < 4; ++q) {
    std::vector<ScoredId> wanted;
    for (const auto& image : gallery->images()) {
      index::ExactIndex one(12);
      const Matrix embedding = gallery->embedding(image.id);
      one.add(embedding, std::vector<std::int64_t>(embedding.rows(), image.id));
      wanted.push_back(one.search(queries.view().rows(q, 1), 1)[0][0]);
    }
    sort_best_first(wanted, 33);
    EXPECT_EQ(found[q], wanted);
    wanted.resize(5);
    EXPECT_EQ(gallery->nearest_images(queries, 5)[q], wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, RoundTrip,
                         ::testing::Values(StoredAs{TokenStorage::kNone, 1}, StoredAs{TokenStorage::kFp16, 1},
                                           StoredAs{TokenStorage::kInt8, 1},
                                           StoredAs{TokenStorage::kFp16, 3}),
                         [](const auto& one) {
                           return fmt::format("{}_{}rows", to_string(one.param.tokens),
                                              one.param.embedding_rows);
                         });

TEST(Gallery, CaptionsAreSearchedByTheirEmbeddings) {
  const TemporaryFolder folder;
  const auto writer = GalleryWriter::open(folder.path() / "g", made_model());
  add_images(*writer, folder.path(), 0, 17);
  const NewImage image = made_image(folder.path(), 100);
  const NewCaption late = made_image(folder.path(), 101).captions[0];
  const ImageId id = writer->add(image);
  const CaptionId caption = writer->add_caption(id, late);
  writer->commit();
  const auto gallery = Gallery::open(folder.path() / "g");
  const auto hits = gallery->nearest_captions(MatrixView(late.embedding.data(), 1, 12), 3)[0];
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].id, caption);
  EXPECT_NEAR(hits[0].score, 1, 1e-6);
  EXPECT_EQ(gallery->caption(caption).image, id);
  EXPECT_EQ(error_code_of([&] { writer->add_caption(9999, late); }), ErrorCode::kNotFound);
}

TEST(Gallery, EdgesOfASearch) {
  const TemporaryFolder folder;
  GalleryWriter::open(folder.path() / "g", made_model());
  const auto gallery = Gallery::open(folder.path() / "g");
  const Matrix queries = random_vectors(2, 12, 1);
  EXPECT_EQ(gallery->nearest_images(queries, 3), std::vector<std::vector<ScoredId>>(2));
  EXPECT_EQ(gallery->nearest_captions(queries, 3), std::vector<std::vector<ScoredId>>(2));
  EXPECT_EQ(error_code_of([&] { gallery->nearest_images(queries, 0); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { gallery->nearest_images(random_vectors(1, 13, 1), 1); }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { gallery->image(1); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { gallery->embedding(1); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { gallery->tokens(1); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { gallery->caption(1); }), ErrorCode::kNotFound);
}

TEST(Gallery, AReaderKeepsItsSnapshotWhileOthersCommit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "g";
  const auto writer = GalleryWriter::open(path, made_model());
  add_images(*writer, folder.path(), 0, 5);
  const auto before = Gallery::open(path);
  const Matrix query = random_vectors(1, 12, 9);
  const auto hits = before->nearest_images(query, 10);
  writer->remove(folder.path() / "00001.jpg");
  add_images(*writer, folder.path(), 5, 20);
  EXPECT_EQ(before->info().images, 5u);
  EXPECT_EQ(before->nearest_images(query, 10), hits);
  EXPECT_EQ(before->image(2).path, folder.path() / "00001.jpg");
  const auto after = Gallery::open(path);
  EXPECT_EQ(after->info().images, 24u);
  EXPECT_EQ(error_code_of([&] { after->image(2); }), ErrorCode::kNotFound);
  const auto later_hits = after->nearest_images(query, 30)[0];
  EXPECT_EQ(later_hits.size(), 24u);
  for (const auto& hit : later_hits) EXPECT_NE(hit.id, 2);
}

TEST(Gallery, RequiresTheModelItWasBuiltWith) {
  const TemporaryFolder folder;
  GalleryWriter::open(folder.path() / "g", made_model());
  const auto gallery = Gallery::open(folder.path() / "g");
  EXPECT_NO_THROW(gallery->require_model(made_model()));
  ModelInfo other = made_model();
  other.path = "/models/other";
  other.weights_fingerprint = "w1";
  try {
    gallery->require_model(other);
    FAIL() << "another model was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("/models/made-up"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("/models/other"), std::string::npos);
  }
}

}  // namespace
}  // namespace tandem

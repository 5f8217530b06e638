#include "gallery/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

class SnapshotTest : public ::testing::TestWithParam<const char*> {
 protected:
  SnapshotTest() : writer_(GalleryWriter::open(gallery_, made_model(2), {TokenStorage::kNone, GetParam()})) {}

  // The answers with the snapshot, and those without it, which are exact.
  void expect_exact_answers(std::size_t k) {
    const Matrix queries = random_vectors(5, 12, 8);
    const auto found = Gallery::open(gallery_)->nearest_images(queries, k);
    const auto snapshot = gallery_ / "index.snapshot";
    const bool present = std::filesystem::exists(snapshot);
    if (present) std::filesystem::rename(snapshot, folder_.path() / "aside");
    EXPECT_EQ(found, Gallery::open(gallery_)->nearest_images(queries, k));
    if (present) std::filesystem::rename(folder_.path() / "aside", snapshot);
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }

  TemporaryFolder folder_;
  std::filesystem::path gallery_ = folder_.path() / "g";
  std::unique_ptr<GalleryWriter> writer_;
};

TEST_P(SnapshotTest, AnswersAreExactWhileTheGalleryChangesAroundTheSnapshot) {
  writer_->build_index();
  expect_exact_answers(3);
  add_images(*writer_, folder_.path(), 0, 200);
  expect_exact_answers(10);
  writer_->build_index();
  expect_exact_answers(10);
  add_images(*writer_, folder_.path(), 200, 33);
  expect_exact_answers(10);
  for (int n = 0; n < 30; ++n) writer_->remove(folder_.path() / fmt::format("{:05}.jpg", n * 7));
  writer_->commit();
  expect_exact_answers(10);
  expect_exact_answers(1000);
  writer_->add(made_image(folder_.path(), 12, 2));  // again, under a new id
  writer_->commit();
  expect_exact_answers(10);
  for (int n = 0; n < 100; ++n) writer_->remove(folder_.path() / fmt::format("{:05}.jpg", n));
  writer_->commit();
  expect_exact_answers(10);
}

TEST_P(SnapshotTest, ADamagedForeignOrMissingSnapshotOnlyMakesSearchSlower) {
  add_images(*writer_, folder_.path(), 0, 50);
  writer_->build_index();
  const Matrix queries = random_vectors(3, 12, 9);
  const auto wanted = Gallery::open(gallery_)->nearest_images(queries, 7);
  const auto path = gallery_ / "index.snapshot";
  const auto other = folder_.path() / "other";
  const auto other_writer = GalleryWriter::open(other, made_model(2), {TokenStorage::kNone, GetParam()});
  add_images(*other_writer, folder_.path(), 60, 50);
  other_writer->build_index();
  std::filesystem::copy_file(other / "index.snapshot", path,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Gallery::open(gallery_)->nearest_images(queries, 7), wanted);
  EXPECT_FALSE(verify_gallery(gallery_, false).problems.empty());
  std::ofstream(path) << "TANDEMSN";
  EXPECT_EQ(Gallery::open(gallery_)->nearest_images(queries, 7), wanted);
  EXPECT_FALSE(verify_gallery(gallery_, false).problems.empty());
  std::filesystem::remove(path);
  EXPECT_EQ(Gallery::open(gallery_)->nearest_images(queries, 7), wanted);
  EXPECT_TRUE(verify_gallery(gallery_, true).problems.empty()) << "it is derived data";
}

INSTANTIATE_TEST_SUITE_P(Specs, SnapshotTest, ::testing::Values("Flat", "HNSW16", "IVF4,Flat"),
                         [](const auto& spec) {
                           const std::string name = spec.param;
                           return name.substr(0, name.find(','));
                         });

TEST(Snapshot, AnExactGalleryHasNone) {
  const TemporaryFolder folder;
  const auto writer = GalleryWriter::open(folder.path() / "g", made_model());
  add_images(*writer, folder.path(), 0, 3);
  writer->build_index();
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "g" / "index.snapshot"));
}

TEST(Snapshot, TellsHowMuchItFinds) {
  const TemporaryFolder folder;
  const auto writer = GalleryWriter::open(folder.path() / "g", made_model(), {TokenStorage::kNone, "HNSW16"});
  EXPECT_FALSE(writer->info().approximate);
  add_images(*writer, folder.path(), 0, 150);
  writer->build_index();
  for (const GalleryInfo& info : {writer->info(), Gallery::open(folder.path() / "g")->info(),
                                  Gallery::peek(folder.path() / "g").value()}) {
    ASSERT_TRUE(info.approximate);
    EXPECT_EQ(info.approximate->spec, "HNSW16");
    EXPECT_EQ(info.approximate->images, 150u);
    EXPECT_GT(info.approximate->recall.value(), 0.9);
    EXPECT_LE(info.approximate->recall.value(), 1);
  }
}

class AutomaticIndexTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kRows = 60;  // of each picture, so that few pictures have many rows

  std::unique_ptr<GalleryWriter> open_writer() const {
    return gallery::open_writer(FileSystem::system(), gallery_, made_model(kRows),
                                {TokenStorage::kNone, "auto"},
                                {.min_index_changes = 20, .max_exact_rows = 400 * kRows});
  }
  std::optional<ApproximateIndex> index() const { return Gallery::peek(gallery_)->approximate; }

  const TemporaryFolder folder_;
  const std::filesystem::path gallery_ = folder_.path() / "g";
};

TEST_F(AutomaticIndexTest, ComesAndGoesWithTheSizeOfTheGalleryAndFindsWhatItSays) {
  add_images(*open_writer(), folder_.path(), 0, 400);
  EXPECT_FALSE(index()) << "exact";
  add_images(*open_writer(), folder_.path(), 400, 50);
  ASSERT_TRUE(index());
  EXPECT_EQ(index()->spec, "IVF656,SQ8");
  EXPECT_EQ(index()->images, 450u);
  EXPECT_GE(index()->recall.value(), 0.99);

  const Matrix queries = random_vectors(20, 12, 8);
  const auto found = Gallery::open(gallery_)->nearest_images(queries, 100);
  const auto writer = open_writer();
  writer->remove(folder_.path() / "00449.jpg");
  for (int n = 0; n < 50; ++n) writer->remove(folder_.path() / fmt::format("{:05}.jpg", n));
  writer->commit();
  writer->build_index();
  EXPECT_FALSE(index()) << "small again";
  EXPECT_TRUE(verify_gallery(gallery_, true).problems.empty());
  // Those that are left, in the same order and with the same scores.
  const auto exact = Gallery::open(gallery_)->nearest_images(queries, 100);
  std::size_t same = 0;
  std::size_t left = 0;
  for (std::size_t q = 0; q < queries.rows(); ++q) {
    for (const ScoredId& hit : found[q]) {
      if (hit.id <= 50 || hit.id == 450) continue;
      ++left;
      same += static_cast<std::size_t>(std::count(exact[q].begin(), exact[q].end(), hit));
    }
  }
  EXPECT_GT(left, 1500u);
  EXPECT_EQ(same, left);
}

class IndexRuleTest : public ::testing::Test {
 protected:
  // Builds from 20 changes on. Closing waits for the build.
  void change(const std::function<void(GalleryWriter&)>& work) {
    const gallery::WriterSettings settings{.min_index_changes = 20};
    const auto writer = gallery::open_writer(FileSystem::system(), gallery_, made_model(),
                                             {TokenStorage::kNone, "HNSW16"}, settings);
    work(*writer);
    writer->commit();
  }
  gallery::SnapshotHead head() {
    FileSystem& files = FileSystem::system();
    return gallery::read_snapshot_head(files, gallery_, gallery::read_manifest(files, gallery_));
  }

  const TemporaryFolder folder_;
  const std::filesystem::path gallery_ = folder_.path() / "g";
};

TEST_F(IndexRuleTest, AFewPicturesNeedNoIndex) {
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 0, 19); });
  EXPECT_EQ(head().images, 0);
}

TEST_F(IndexRuleTest, TheIndexIsBuiltByItselfOnceAQuarterIsNew) {
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 0, 100); });
  EXPECT_EQ(head().images, 100);
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 100, 30); });
  EXPECT_EQ(head().images, 100) << "30 of 130";
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 130, 10); });
  EXPECT_EQ(head().images, 140) << "40 of 140";
  EXPECT_TRUE(verify_gallery(gallery_, true).problems.empty());
}

TEST_F(IndexRuleTest, TheIndexIsBuiltByItselfOnceAQuarterIsGone) {
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 0, 100); });
  const auto remove = [&](int first, int count) {
    change([&](GalleryWriter& writer) {
      for (int n = first; n < first + count; ++n) writer.remove(made_image(folder_.path(), n).record.path);
    });
  };
  remove(0, 15);
  EXPECT_EQ(head().images, 100);
  remove(15, 10);
  EXPECT_EQ(head().images, 75) << "25 gone, 75 left";
}

TEST_F(IndexRuleTest, AnIndexThatCannotBeBuiltDoesNotKeepPicturesOut) {
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 0, 5); });
  std::filesystem::create_directories(gallery_ / "index.snapshot.new" / "in the way");
  change([&](GalleryWriter& writer) { add_images(writer, folder_.path(), 5, 95); });
  EXPECT_EQ(Gallery::open(gallery_)->images().size(), 100u);
  EXPECT_EQ(head().images, 0);
}

}  // namespace
}  // namespace tandem

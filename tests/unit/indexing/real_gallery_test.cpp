// Indexing into a gallery on disk: what the doubles cannot show.
#include <gtest/gtest.h>

#include "support/fake_model.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/gallery_writer.h"
#include "tandem/indexing.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class RealGalleryTest : public ::testing::Test {
 protected:
  RealGalleryTest() {
    fs::create_directories(photos_);
    for (int i = 0; i < 5; ++i) {
      write_png(photos_ / (std::to_string(i) + ".png"),
                solid_picture(static_cast<std::uint8_t>(50 * i), 9, 9));
    }
    write_file(photos_ / "bad.png", "no picture");
    write_file(folder_.path() / "captions.jsonl",
               "{\"file\": \"photos/0.png\", \"captions\": [\"black\"], \"de\": \"blue\"}\n");
  }
  // Opens the gallery anew, as a second program would.
  IndexReport run(bool with_captions) {
    IndexOptions options;
    options.batch_size = 2;
    options.commit_every = 2;
    if (with_captions) options.captions_file = folder_.path() / "captions.jsonl";
    const auto writer = GalleryWriter::open(gallery_, model_->info());
    return index_pictures(*writer, model_, find_pictures(std::vector{photos_}), options);
  }

  TemporaryFolder folder_;
  fs::path photos_ = folder_.path() / "photos";
  fs::path gallery_ = folder_.path() / "gallery";
  std::shared_ptr<const FakeModel> model_ = make_fake_model();
};

TEST_F(RealGalleryTest, WhatWasIndexedIsThereAfterOpeningAnew) {
  const IndexReport first = run(true);
  EXPECT_EQ(first.added, 5u);
  EXPECT_EQ(first.skipped, 1u);
  EXPECT_EQ(first.captions, 2u);
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->info().images, 5u);
  ASSERT_EQ(gallery->skipped().size(), 1u);
  EXPECT_EQ(gallery->skipped()[0].path, photos_ / "bad.png");
  const auto images = gallery->images();
  const auto captions = gallery->captions_of(images.at(0).id);
  ASSERT_EQ(captions.size(), 2u);
  EXPECT_EQ(captions[1].text.language, "de");
  for (const ImageRecord& image : images) {
    const auto nearest = gallery->nearest_images(gallery->embedding(image.id), 1);
    EXPECT_EQ(nearest.at(0).at(0).id, image.id);
    EXPECT_EQ(gallery->tokens(image.id).rows(), 4u);
  }
}

TEST_F(RealGalleryTest, ASecondRunLeavesAllAloneAndAddsLateCaptionsOnce) {
  run(false);
  const IndexReport second = run(true);
  EXPECT_EQ(second.unchanged, 5u);
  EXPECT_EQ(second.skipped, 1u) << "not tried again, but counted";
  EXPECT_EQ(second.captions, 2u);
  EXPECT_EQ(run(true).captions, 0u);
  EXPECT_EQ(Gallery::open(gallery_)->info().captions, 2u);
  EXPECT_EQ(model_->counts(FakeCall::kPreprocess).calls, 5u);
}

TEST_F(RealGalleryTest, MovedAndDoubledFilesAreFoundWithoutComputing) {
  run(true);
  const auto before = Gallery::open(gallery_);
  const ImageId moved = before->images().at(0).id;
  fs::create_directories(photos_ / "below");
  fs::rename(photos_ / "0.png", photos_ / "below/0.png");
  fs::copy_file(photos_ / "1.png", photos_ / "below/1.png");
  fs::remove(photos_ / "2.png");

  const auto writer = GalleryWriter::open(gallery_, model_->info());
  IndexOptions options;
  options.prune = true;
  const IndexReport report = index_scan(*writer, model_, scan_paths(std::vector{photos_}), options);
  EXPECT_EQ(report.moved, 1u);
  EXPECT_EQ(report.duplicates, 1u);
  EXPECT_EQ(report.pruned, 1u);
  EXPECT_EQ(report.vanished, 0u);
  EXPECT_EQ(model_->counts(FakeCall::kPreprocess).calls, 5u) << "those of the first run";

  const auto after = Gallery::open(gallery_);
  EXPECT_EQ(after->image(moved).path, photos_ / "below/0.png");
  EXPECT_EQ(after->captions_of(moved).size(), 2u);
  const ImageRecord copy = after->images().back();
  EXPECT_EQ(copy.path, photos_ / "below/1.png");
  EXPECT_EQ(copy.width, 8u);
  const auto hits = after->nearest_images(after->embedding(copy.id), 2).at(0);
  EXPECT_EQ(hits.at(0).score, hits.at(1).score) << "both copies are found";
  EXPECT_EQ(after->tokens(copy.id).rows(), 4u);
  EXPECT_TRUE(verify_gallery(gallery_, /*deep=*/true).problems.empty());
}

TEST_F(RealGalleryTest, APictureThatIsMendedLeavesTheSkippedAndTheOtherWayRound) {
  run(false);
  write_png(photos_ / "bad.png", solid_picture(1, 2, 3));
  write_file(photos_ / "0.png", "broken now");
  const IndexReport report = run(false);
  EXPECT_EQ(report.added, 1u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(report.unchanged, 4u);
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->info().images, 5u);
  ASSERT_EQ(gallery->skipped().size(), 1u);
  EXPECT_EQ(gallery->skipped()[0].path, photos_ / "0.png");
}

}  // namespace
}  // namespace tandem

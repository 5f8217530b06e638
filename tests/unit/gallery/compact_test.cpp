// Compaction gives back what removed pictures held, and changes nothing else.
#include <gtest/gtest.h>

#include <fstream>

#include "gallery/sqlite.h"
#include "support/answers.h"
#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class CompactTest : public ::testing::Test {
 protected:
  // Forty pictures in many small segments, a third of them removed, some replaced.
  std::unique_ptr<GalleryWriter> open_with_holes() {
    auto writer = gallery::open_writer(FileSystem::system(), gallery_, made_model(),
                                       {TokenStorage::kInt8, "exact"}, small_segments_);
    add_images(*writer, pictures_, 0, 40);
    for (std::uint32_t n = 0; n < 40; n += 3) writer->remove(made_image(pictures_, n).record.path);
    for (std::uint32_t n = 1; n < 40; n += 9) writer->add(made_image(pictures_, n));
    writer->commit();
    return writer;
  }
  void expect_clean() {
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }

  const TemporaryFolder folder_;
  const fs::path gallery_ = folder_.path() / "g";
  const fs::path pictures_ = folder_.path() / "pictures";
  const gallery::WriterSettings small_segments_{600};
};

TEST_F(CompactTest, GivesBackTheRoomOfWhatWasRemovedAndAnswersAsBefore) {
  const auto writer = open_with_holes();
  const auto before = answers_of(gallery_);
  const GalleryInfo info = writer->info();
  EXPECT_GT(info.hole_bytes, 0u);
  EXPECT_EQ(Gallery::open(gallery_)->info().hole_bytes, info.hole_bytes);
  const CompactReport report = writer->compact();
  EXPECT_EQ(report.bytes_before, info.bytes);
  EXPECT_GT(report.segments, 5u);
  EXPECT_LE(report.bytes_after + info.hole_bytes, report.bytes_before);
  EXPECT_EQ(writer->info().bytes, report.bytes_after);
  EXPECT_EQ(writer->info().hole_bytes, 0u);
  EXPECT_EQ(answers_of(gallery_), before);
  expect_clean();
}

TEST_F(CompactTest, ASecondTimeThereIsNothingToRewrite) {
  const auto writer = open_with_holes();
  writer->compact();
  const CompactReport again = writer->compact();
  EXPECT_EQ(again.segments, 0u);
  EXPECT_EQ(again.bytes_after, again.bytes_before);
}

TEST_F(CompactTest, AddingGoesOnInTheSameWriterAndInTheNext) {
  {
    const auto writer = open_with_holes();
    writer->compact();
    add_images(*writer, pictures_, 50, 5);
  }
  add_images(*GalleryWriter::open(gallery_, made_model()), pictures_, 60, 5);
  EXPECT_EQ(Gallery::open(gallery_)->images().size(), 40u - 14 + 10);
  expect_clean();
}

TEST_F(CompactTest, WhatIsNotYetCommittedIsCommittedFirst) {
  const auto writer = open_with_holes();
  const std::size_t before = writer->info().images;
  writer->add(made_image(pictures_, 90));
  writer->compact();
  EXPECT_EQ(Gallery::open(gallery_)->images().size(), before + 1);
}

TEST_F(CompactTest, AnOpenReaderGoesOnWithTheOldFiles) {
  const auto writer = open_with_holes();
  const auto reader = Gallery::open(gallery_);
  const auto before = answers_of(*reader);
  writer->compact();
  add_images(*writer, pictures_, 50, 5);
  EXPECT_EQ(answers_of(*reader), before);
}

TEST_F(CompactTest, AStopEndsItBetweenTwoSegmentsAndTheNextRunGoesOn) {
  const auto writer = open_with_holes();
  const auto before = answers_of(gallery_);
  std::stop_source stop;
  CompactOptions options;
  options.stop = stop.get_token();
  std::uint64_t last = 0;
  options.on_progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GT(done, last);
    EXPECT_LE(done, total);
    last = done;
    stop.request_stop();
  };
  EXPECT_EQ(writer->compact(options).segments, 1u);
  EXPECT_EQ(answers_of(gallery_), before);
  expect_clean();
  EXPECT_GT(writer->compact().segments, 1u);
  EXPECT_EQ(answers_of(gallery_), before);
  EXPECT_EQ(writer->info().hole_bytes, 0u);
}

TEST_F(CompactTest, AnEmptiedGalleryHasNoSegmentsLeft) {
  const auto writer = open_with_holes();
  writer->remove(pictures_);
  writer->compact();
  for (const auto& entry : fs::directory_iterator(gallery_)) EXPECT_NE(entry.path().extension(), ".seg");
  EXPECT_EQ(answers_of(gallery_), answers_of(gallery_));
  expect_clean();
  EXPECT_EQ(Gallery::open(gallery_)->nearest_images(random_vectors(1, 12, 1), 5).at(0).size(), 0u);
}

TEST_F(CompactTest, AnEmptyGalleryIsLeftAsItIs) {
  const auto writer = GalleryWriter::open(gallery_, made_model());
  EXPECT_EQ(writer->compact().segments, 0u);
  expect_clean();
}

TEST_F(CompactTest, DamagedRowsAreRefusedAndStay) {
  open_with_holes().reset();
  gallery::Database database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kRead);
  const auto segment = database.integer("SELECT segment FROM images ORDER BY id LIMIT 1");
  const fs::path file = gallery_ / fmt::format("images-{:06}.seg", segment);
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(-1, std::ios::end).put('\x7f');
  const auto size = fs::file_size(file);
  const auto writer = GalleryWriter::open_existing(gallery_);
  EXPECT_EQ(error_code_of([&] { writer->compact(); }), ErrorCode::kBadFormat);
  EXPECT_EQ(fs::file_size(file), size);
}

}  // namespace
}  // namespace tandem

#include <gtest/gtest.h>

#include "support/error_code_of.h"
#include "support/failing_file_system.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"

namespace tandem {
namespace {

class FailingFiles : public ::testing::Test {
 protected:
  std::vector<ImageRecord> images() { return Gallery::open(gallery_)->images(); }

  void expect_whole(std::size_t count) {
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
    EXPECT_EQ(report.images, count);
  }

  TemporaryFolder folder_;
  std::filesystem::path gallery_ = folder_.path() / "g";
  FailingFileSystem files_;
  gallery::WriterSettings small_segments_{600};  // so that new segments begin all the time
};

TEST_F(FailingFiles, AFailureAnywhereLeavesWhatWasCommittedAndANewWriterGoesOn) {
  std::uint32_t committed = 3;
  {
    const auto writer = gallery::open_writer(files_, gallery_, made_model(), {}, small_segments_);
    add_images(*writer, folder_.path(), 0, committed);
  }
  std::size_t failures = 0;
  for (std::size_t call = 0;; ++call) {
    files_.fail_at(call);
    try {
      const auto writer = gallery::open_writer(files_, gallery_, made_model(), {}, small_segments_);
      add_images(*writer, folder_.path(), committed, 4);
      committed += 4;
      break;  // nothing was left to fail
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
      ++failures;
    }
    ASSERT_NO_FATAL_FAILURE(expect_whole(committed)) << "after call " << call;
  }
  EXPECT_GT(failures, 20u) << "opening, appending and syncing were all made to fail";
  files_.fail_never();
  expect_whole(committed);
  EXPECT_EQ(images().size(), committed);
  add_images(*gallery::open_writer(files_, gallery_, made_model(), {}, small_segments_), folder_.path(), 50,
             5);
  expect_whole(committed + 5);
}

TEST_F(FailingFiles, AFailureWhileCreatingLeavesAFolderThatCanBecomeAGallery) {
  std::size_t failures = 0;
  for (;; ++failures) {
    files_.fail_at(failures);
    try {
      gallery::open_writer(files_, gallery_, made_model(), {});
      break;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
    }
  }
  EXPECT_GT(failures, 5u);
  expect_whole(0);
}

TEST_F(FailingFiles, AfterAFailedChangeTheWriterRefusesToGoOn) {
  const auto writer = gallery::open_writer(files_, gallery_, made_model(), {});
  add_images(*writer, folder_.path(), 0, 2);
  writer->add(made_image(folder_.path(), 2));
  files_.fail_at(0);
  EXPECT_EQ(error_code_of([&] { writer->commit(); }), ErrorCode::kBackend);
  files_.fail_never();
  EXPECT_EQ(error_code_of([&] { writer->add(made_image(folder_.path(), 3)); }), ErrorCode::kBackend);
  EXPECT_EQ(error_code_of([&] { writer->commit(); }), ErrorCode::kBackend);
  EXPECT_EQ(writer->info().images, 2u);
  EXPECT_EQ(images().size(), 2u);
}

TEST_F(FailingFiles, ASnapshotThatCannotBeWrittenLeavesTheOldOne) {
  const auto writer = gallery::open_writer(files_, gallery_, made_model(), {TokenStorage::kNone, "HNSW16"});
  add_images(*writer, folder_.path(), 0, 20);
  writer->build_index();
  const auto before = FileSystem::system().read(gallery_ / "index.snapshot", 1 << 20);
  add_images(*writer, folder_.path(), 20, 5);
  for (std::size_t call = 0; call < 4; ++call) {
    files_.fail_at(call);
    EXPECT_EQ(error_code_of([&] { writer->build_index(); }), ErrorCode::kBackend);
  }
  EXPECT_EQ(FileSystem::system().read(gallery_ / "index.snapshot", 1 << 20), before);
  expect_whole(25);
}

}  // namespace
}  // namespace tandem

// Each call of the file layer, those of SQLite among them, is made to fail in turn: the failure is an Error
// or does not show, and the gallery holds what was committed before, or after.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/fail.h"
#include "core/hash.h"
#include "support/answers.h"
#include "support/error_code_of.h"
#include "support/failing_file_system.h"
#include "support/temporary_folder.h"
#include "unit/gallery/small_segments.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<GalleryWriter> open_fp16_writer(FileSystem& files, const fs::path& folder) {
  return gallery::open_writer(files, folder, made_model(), {TokenStorage::kFp16, "HNSW8"}, kSmallSegments);
}

// What is done to a gallery with some pictures while a call fails. It commits at most once.
struct Operation {
  const char* name;
  std::function<void(FileSystem&, const fs::path&)> run;
};

// An operation by a writer that commits in the end.
Operation change(const char* name, const std::function<void(GalleryWriter&)>& work) {
  return {name, [work](FileSystem& files, const fs::path& folder) {
            const auto writer = open_fp16_writer(files, folder);
            work(*writer);
            writer->commit();
          }};
}

const std::vector<Operation> kOperations = {
    change("Add",
           [](GalleryWriter& writer) {
             for (std::uint32_t n = 20; n < 24; ++n) writer.add(made_image(kPictures, n));
           }),
    change("Replace", [](GalleryWriter& writer) { writer.add(made_image(kPictures, 2)); }),
    change("Remove", [](GalleryWriter& writer) { writer.remove(kPictures); }),
    change("AddSkipped",
           [](GalleryWriter& writer) {
             writer.add_skipped({picture(1), {1, 2}, ErrorCode::kBadFormat, "bad now"});
           }),
    change("AddCaption",
           [](GalleryWriter& writer) { writer.add_caption(5, made_image(kPictures, 2).captions.at(0)); }),
    change("AddCopy", [](GalleryWriter& writer) { writer.add_copy(5, made_image(kPictures, 31).record); }),
    change("Move",
           [](GalleryWriter& writer) {
             ImageRecord record = writer.find(picture(2)).value();
             record.path = picture(32);
             writer.update(record);
           }),
    {"Compact",
     [](FileSystem& files, const fs::path& folder) { open_fp16_writer(files, folder)->compact(); }},
    {"AddWithoutCommit",
     [](FileSystem& files, const fs::path& folder) {
       open_fp16_writer(files, folder)->add(made_image(kPictures, 30));
     }},
    {"BuildIndex",
     [](FileSystem& files, const fs::path& folder) { open_fp16_writer(files, folder)->build_index(); }},
    {"Read",
     [](FileSystem& files, const fs::path& folder) {
       const std::string wanted = answers_of(folder);
       EXPECT_EQ(answers_of(*gallery::open_gallery(files, folder)), wanted) << "a wrong answer";
     }},
    {"Verify",
     [](FileSystem& files, const fs::path& folder) {
       const auto report = gallery::verify(files, folder, true, {});
       if (!report.problems.empty()) fail(ErrorCode::kBackend, "{}", report.problems.front());
     }},
};

using FailingCall = std::tuple<std::size_t, Failure>;

// Of all files in a folder.
std::string digest_of_folder(const fs::path& folder) {
  Fingerprint fingerprint;
  for (const fs::path& name : FileSystem::system().list(folder)) {
    fingerprint.update(name.string());
    fingerprint.update(FileSystem::system().read(folder / name, 1 << 24));
  }
  return fingerprint.hex();
}

class FailingFilesTest : public ::testing::TestWithParam<FailingCall> {
 protected:
  FailingFilesTest() {
    const auto writer = open_fp16_writer(FileSystem::system(), base_);
    add_images(*writer, kPictures, 0, 6);
    writer->build_index();
    writer->add_skipped({kPictures / "odd.jpg", {3, 4}, ErrorCode::kUnsupported, "odd"});
    writer->remove(picture(3));
    add_images(*writer, kPictures, 6, 2);
  }

  void begin_anew() {
    fs::remove_all(folder_);
    fs::copy(base_, folder_, fs::copy_options::recursive);
  }
  // Whether the operation throws, which must be an Error that says where.
  bool throws() {
    try {
      operation_.run(files_, folder_);
      return false;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
      EXPECT_NE(std::string(error.what()).find(folder_.string()), std::string::npos) << error.what();
      return true;
    }
  }
  // What a writer that goes on from here makes of the gallery.
  std::string contents_after_going_on() {
    add_images(*open_fp16_writer(FileSystem::system(), folder_), kPictures, 40, 2);
    return answers_of(folder_);
  }
  void expect_whole() {
    const auto report = verify_gallery(folder_, true);
    ASSERT_TRUE(report.problems.empty()) << report.problems.front();
  }

  const Operation& operation_ = kOperations[std::get<0>(GetParam())];
  const Failure failure_ = std::get<1>(GetParam());
  const TemporaryFolder temporary_{memory_folder()};
  const fs::path base_ = temporary_.path() / "base";
  const fs::path folder_ = temporary_.path() / "g";
  FailingFileSystem files_;
};

TEST_P(FailingFilesTest, LeaveWhatWasCommittedAndANewWriterGoesOn) {
  begin_anew();
  const std::string before = answers_of(folder_);
  const std::string on_from_before = contents_after_going_on();
  begin_anew();
  operation_.run(FileSystem::system(), folder_);
  const std::string after = answers_of(folder_);
  const std::string on_from_after = contents_after_going_on();

  bool committed = false;
  std::set<std::string> checked;  // folders as they were found: many failures leave the same one
  std::size_t call = 0;
  for (bool failed = true; failed; ++call) {
    SCOPED_TRACE(fmt::format("call {}", call));
    begin_anew();
    files_.fail_at(call, failure_);
    const bool threw = throws();
    failed = files_.has_failed();
    files_.fail_never();
    if (!checked.insert(fmt::format("{} {}", threw, digest_of_folder(folder_))).second) continue;
    const std::string found = answers_of(folder_);
    if (threw && found != after) {
      ASSERT_EQ(found, before);
      EXPECT_FALSE(committed) << "an earlier call was after the commit";
    } else {
      ASSERT_EQ(found, after);
      committed |= threw;
    }
    ASSERT_NO_FATAL_FAILURE(expect_whole());
    ASSERT_EQ(contents_after_going_on(), found == after ? on_from_after : on_from_before);
    ASSERT_NO_FATAL_FAILURE(expect_whole());
  }
  EXPECT_GT(call, failure_ == Failure::kOneCall ? 10u : 1u) << "there was little to fail";
}

std::string name_of(const ::testing::TestParamInfo<FailingCall>& test) {
  const char* const failures[] = {"OneCall", "FullDisk", "DeadDevice"};
  return std::string(kOperations[std::get<0>(test.param)].name) +
         failures[static_cast<int>(std::get<1>(test.param))];
}

INSTANTIATE_TEST_SUITE_P(Operations, FailingFilesTest,
                         ::testing::Combine(::testing::Range<std::size_t>(0, kOperations.size()),
                                            ::testing::Values(Failure::kOneCall, Failure::kFullDisk,
                                                              Failure::kDeadDevice)),
                         name_of);

TEST(FailingFiles, AGalleryCanBeCreatedWhereItCouldNotBeBefore) {
  for (const Failure failure : {Failure::kOneCall, Failure::kFullDisk, Failure::kDeadDevice}) {
    FailingFileSystem files;
    std::size_t call = 0;
    for (bool failed = true; failed; ++call) {
      SCOPED_TRACE(call);
      const TemporaryFolder folder(memory_folder());
      const fs::path gallery = folder.path() / "new" / "g";
      files.fail_at(call, failure);
      try {
        open_fp16_writer(files, gallery);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kBackend) << error.what();
      }
      failed = files.has_failed();
      files.fail_never();
      add_images(*open_fp16_writer(files, gallery), kPictures, 0, 2);
      ASSERT_TRUE(verify_gallery(gallery, true).problems.empty());
    }
    EXPECT_GT(call, 10u);
  }
}

TEST(FailingFiles, AfterAFailedChangeTheWriterRefusesToGoOn) {
  const TemporaryFolder folder;
  FailingFileSystem files;
  const auto writer = open_fp16_writer(files, folder.path());
  add_images(*writer, kPictures, 0, 2);
  writer->add(made_image(kPictures, 2));
  files.fail_at(0);
  EXPECT_EQ(error_code_of([&] { writer->commit(); }), ErrorCode::kBackend);
  files.fail_never();
  EXPECT_EQ(error_code_of([&] { writer->add(made_image(kPictures, 3)); }), ErrorCode::kBackend);
  EXPECT_EQ(error_code_of([&] { writer->commit(); }), ErrorCode::kBackend);
  EXPECT_EQ(writer->info().images, 2u);
  EXPECT_EQ(Gallery::open(folder.path())->images().size(), 2u);
}

TEST(FailingFiles, ASnapshotThatCannotBeWrittenLeavesTheOldOne) {
  const TemporaryFolder folder;
  FailingFileSystem files;
  const auto writer = open_fp16_writer(files, folder.path());
  add_images(*writer, kPictures, 0, 20);
  writer->build_index();
  const auto snapshot = folder.path() / "index.snapshot";
  const auto before = FileSystem::system().read(snapshot, 1 << 20);
  add_images(*writer, kPictures, 20, 5);
  files.fail_at(0, Failure::kFullDisk);
  EXPECT_EQ(error_code_of([&] { writer->build_index(); }), ErrorCode::kBackend);
  EXPECT_EQ(FileSystem::system().read(snapshot, 1 << 20), before);
  EXPECT_TRUE(verify_gallery(folder.path(), true).problems.empty());
}

}  // namespace
}  // namespace tandem

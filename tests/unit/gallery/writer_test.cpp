#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>

#include "gallery/sqlite.h"
#include "support/answers.h"
#include "support/error_code_of.h"
#include "support/made_gallery.h"
#include "support/temporary_folder.h"
#include "support/watched_file_system.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class WriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<GalleryWriter> open() { return GalleryWriter::open(gallery_, made_model()); }
  std::size_t count() { return Gallery::open(gallery_)->images().size(); }
  void expect_clean() {
    const auto report = verify_gallery(gallery_, true);
    EXPECT_TRUE(report.problems.empty()) << report.problems.front();
  }

  TemporaryFolder folder_;
  fs::path gallery_ = folder_.path() / "g";
  fs::path pictures_ = folder_.path() / "pictures";
};

TEST_F(WriterTest, TheSecondWriterIsBusyAndLearnsWhoHoldsTheGallery) {
  auto first = open();
  try {
    open();
    FAIL() << "two writers";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBusy);
    EXPECT_NE(std::string(error.what()).find(fmt::format("process {} on ", ::getpid())), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open_existing(gallery_); }), ErrorCode::kBusy);
  first.reset();
  EXPECT_NO_THROW(open());
}

TEST_F(WriterTest, WhatWasNotCommittedIsDropped) {
  {
    const auto writer = open();
    add_images(*writer, pictures_, 0, 3);
    writer->add(made_image(pictures_, 3));
    writer->remove(pictures_ / "00000.jpg");
    EXPECT_EQ(writer->info().images, 3u) << "as of the last commit";
  }
  EXPECT_EQ(count(), 3u);
  const auto writer = open();
  EXPECT_EQ(writer->known(pictures_ / "00003.jpg"), std::nullopt);
  EXPECT_EQ(writer->known(pictures_ / "00000.jpg"), made_image(pictures_, 0).record.stamp);
  expect_clean();
}

TEST_F(WriterTest, APictureWithAKnownPathIsReplacedUnderANewId) {
  const auto writer = open();
  NewImage image = made_image(pictures_, 2);
  const ImageId old_id = writer->add(image);
  writer->commit();
  image.encoded.embedding = random_vectors(1, 12, 5);
  image.record.stamp.bytes = 5;
  const ImageId new_id = writer->add(image);
  EXPECT_GT(new_id, old_id);
  writer->commit();
  const auto gallery = Gallery::open(gallery_);
  ASSERT_EQ(gallery->images().size(), 1u);
  EXPECT_EQ(gallery->images()[0].id, new_id);
  EXPECT_EQ(gallery->info().captions, 2u) << "the new ones";
  expect_clean();
}

TEST_F(WriterTest, IdsAreNeverUsedAgain) {
  const auto writer = open();
  const ImageId id = writer->add(made_image(pictures_, 1));
  writer->commit();
  EXPECT_EQ(writer->remove(pictures_), 1u);
  writer->commit();
  EXPECT_GT(writer->add(made_image(pictures_, 1)), id);
}

TEST_F(WriterTest, RemovesAPictureOrAFolderByComponents) {
  const auto writer = open();
  add_images(*writer, pictures_ / "a", 0, 3);
  add_images(*writer, pictures_ / "a" / "deep", 0, 2);
  add_images(*writer, pictures_ / "ab", 0, 2);
  writer->add_skipped({pictures_ / "a" / "bad.jpg", {}, ErrorCode::kBadFormat, "bad"});
  EXPECT_EQ(writer->remove(pictures_ / "a" / "00001.jpg"), 1u);
  EXPECT_EQ(writer->remove(pictures_ / "a" / "00001.jpg"), 0u);
  EXPECT_EQ(writer->remove(pictures_ / "a"), 4u);
  writer->commit();
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->images().size(), 2u);
  EXPECT_EQ(gallery->info().skipped, 0u);
  expect_clean();
}

TEST_F(WriterTest, APictureClearsItsSkippedRecordAndTheReverse) {
  const auto writer = open();
  const NewImage image = made_image(pictures_, 1);
  writer->add_skipped({image.record.path, {5, 6}, ErrorCode::kUnsupported, "odd\xFF"});
  EXPECT_EQ(writer->known(image.record.path), (FileStamp{5, 6}));
  writer->add_skipped({image.record.path, {7, 8}, ErrorCode::kUnsupported, "again"});
  writer->commit();
  EXPECT_EQ(writer->info().skipped, 1u);
  writer->add(image);
  writer->commit();
  EXPECT_EQ(writer->info().skipped, 0u);
  EXPECT_EQ(writer->info().images, 1u);
  writer->add_skipped({image.record.path, {9, 9}, ErrorCode::kBadFormat, "now bad"});
  writer->commit();
  EXPECT_EQ(writer->info().skipped, 1u);
  EXPECT_EQ(writer->info().images, 0u);
  expect_clean();
}

TEST_F(WriterTest, AnyFileNameSurvives) {
  const std::vector<fs::path> names = {"new\nline.jpg", "tab\t.jpg", "\xFF\xFE.jpg", "M\xC3\xBCller '\"%.jpg",
                                       "-"};
  const auto writer = open();
  for (std::size_t i = 0; i < names.size(); ++i) {
    NewImage image = made_image(pictures_, static_cast<std::uint32_t>(i));
    image.record.path = pictures_ / "odd\xFF\n" / names[i];
    writer->add(image);
    EXPECT_EQ(writer->known(image.record.path), image.record.stamp);
  }
  writer->commit();
  const auto images = Gallery::open(gallery_)->images();
  ASSERT_EQ(images.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(images[i].path, pictures_ / "odd\xFF\n" / names[i]);
  expect_clean();
}

TEST_F(WriterTest, PicturesBesideAMovedGalleryMoveAlong) {
  add_images(*open(), pictures_, 0, 2);
  NewImage far = made_image("/elsewhere", 7);
  {
    const auto writer = open();
    writer->add(far);
    writer->commit();
  }
  const TemporaryFolder other;
  fs::rename(gallery_, other.path() / "moved");
  const auto images = Gallery::open(other.path() / "moved")->images();
  EXPECT_EQ(images[0].path, other.path() / "pictures" / "00000.jpg");
  EXPECT_EQ(images[2].path, far.record.path);
  const auto writer = GalleryWriter::open(other.path() / "moved", made_model());
  EXPECT_TRUE(writer->known(other.path() / "pictures" / "00001.jpg"));
  EXPECT_EQ(writer->remove(other.path()), 2u);
}

TEST_F(WriterTest, RefusesVectorsThatAreNotWhatTheManifestSays) {
  const auto writer = open();
  const auto refused = [&](const std::function<void(NewImage&)>& spoil) {
    NewImage image = made_image(pictures_, 2);
    spoil(image);
    return error_code_of([&] { writer->add(image); }) == ErrorCode::kInvalidArgument;
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(refused([](NewImage& image) { image.encoded.embedding = random_vectors(1, 11, 1); }));
  EXPECT_TRUE(refused([](NewImage& image) { image.encoded.embedding = random_vectors(2, 12, 1); }));
  EXPECT_TRUE(refused([](NewImage& image) { image.encoded.embedding = Matrix(); }));
  EXPECT_TRUE(refused([&](NewImage& image) { image.encoded.embedding.row(0)[3] = nan; }));
  EXPECT_TRUE(refused([](NewImage& image) {
    for (float& value : image.encoded.embedding.row(0)) value *= 1.01F;
  }));
  EXPECT_TRUE(refused([](NewImage& image) { image.encoded.tokens = random_vectors(2, 8, 1); }));
  EXPECT_TRUE(refused([](NewImage& image) { image.encoded.tokens = Matrix(); }));
  EXPECT_TRUE(refused([&](NewImage& image) { image.encoded.tokens.row(0)[0] = nan; }));
  EXPECT_TRUE(refused([](NewImage& image) { image.captions[0].embedding.pop_back(); }));
  EXPECT_TRUE(refused([](NewImage& image) { image.captions[0].text.text = "\xFF"; }));
  EXPECT_TRUE(refused([](NewImage& image) { image.record.metadata = "[1]"; }));
  EXPECT_TRUE(refused([](NewImage& image) { image.record.path = ""; }));
  EXPECT_TRUE(refused([](NewImage& image) { image.record.path = "/"; }));
  writer->add(made_image(pictures_, 2));
  writer->commit();
  EXPECT_EQ(writer->info().images, 1u) << "a refused picture changes nothing";
  expect_clean();
}

TEST_F(WriterTest, RefusesAnotherModelButOpensForRemoving) {
  add_images(*open(), pictures_, 0, 2);
  ModelInfo other = made_model();
  other.preprocessing_fingerprint = "p1";
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open(gallery_, other); }), ErrorCode::kInvalidArgument);
  const auto writer = GalleryWriter::open_existing(gallery_);
  EXPECT_EQ(writer->remove(pictures_), 2u);
}

TEST_F(WriterTest, AnExistingGalleryKeepsItsOptions) {
  GalleryWriter::open(gallery_, made_model(), {TokenStorage::kInt8, "HNSW16"});
  const auto writer = GalleryWriter::open(gallery_, made_model(), {TokenStorage::kNone, "exact"});
  EXPECT_EQ(writer->info().tokens, TokenStorage::kInt8);
  EXPECT_EQ(writer->info().index_spec, "HNSW16");
}

TEST_F(WriterTest, AFolderThatIsNoGalleryIsLeftAlone) {
  fs::create_directory(gallery_);
  std::ofstream(gallery_ / "holiday.txt") << "x";
  EXPECT_EQ(error_code_of([&] { open(); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open_existing(gallery_); }), ErrorCode::kNotFound);
  EXPECT_EQ(FileSystem::system().list(gallery_).size(), 1u);
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open(gallery_ / "holiday.txt", made_model()); }),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_ / "holiday.txt"); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(error_code_of([&] { Gallery::open(gallery_); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { Gallery::open(folder_.path() / "nowhere"); }), ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { GalleryWriter::open_existing(folder_.path() / "nowhere"); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(error_code_of([&] { verify_gallery(folder_.path() / "nowhere", true); }), ErrorCode::kNotFound);
}

TEST_F(WriterTest, OpeningCutsOffWhatACrashLeft) {
  add_images(*open(), pictures_, 0, 3);
  for (const auto& name : FileSystem::system().list(gallery_)) {
    if (name.extension() == ".seg") std::ofstream(gallery_ / name, std::ios::app) << "torn";
  }
  std::ofstream(gallery_ / "images-000099.seg") << "TANDEM";
  EXPECT_EQ(count(), 3u) << "readers pass over it";
  expect_clean();
  add_images(*open(), pictures_, 3, 3);
  EXPECT_FALSE(fs::exists(gallery_ / "images-000099.seg"));
  EXPECT_EQ(count(), 6u);
  expect_clean();
}

TEST_F(WriterTest, ANewSegmentBeginsWhereOneIsFull) {
  auto& files = FileSystem::system();
  for (std::uint32_t first : {0, 10}) {
    const auto writer = gallery::open_writer(files, gallery_, made_model(), {}, {400});
    add_images(*writer, pictures_, first, 10);
  }
  EXPECT_GT(files.list(gallery_).size(), 10u);
  EXPECT_EQ(count(), 20u);
  const auto gallery = Gallery::open(gallery_);
  for (const auto& image : gallery->images()) EXPECT_EQ(gallery->tokens(image.id).columns(), 7u);
  EXPECT_EQ(gallery->nearest_images(random_vectors(1, 12, 3), 20)[0].size(), 20u);
  expect_clean();
}

// Whether `holds` does in a process that is nobody, who may write nothing.
bool holds_for_nobody(const std::function<bool()>& holds) {
  const pid_t child = ::fork();
  if (child == 0) {
    bool good = ::setgid(65534) == 0 && ::setuid(65534) == 0;
    try {
      good = good && holds();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      good = false;
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST_F(WriterTest, AGalleryThatCannotBeWrittenCanBeReadAndVerified) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become nobody";
  add_images(*open(), pictures_, 0, 5);
  fs::permissions(folder_.path(), fs::perms(0755));
  fs::permissions(gallery_, fs::perms(0555));
  EXPECT_TRUE(holds_for_nobody(
      [&] { return error_code_of([&] { GalleryWriter::open_existing(gallery_); }) == ErrorCode::kBackend; }));
  EXPECT_TRUE(holds_for_nobody([&] { return count() == 5; }));
  EXPECT_TRUE(holds_for_nobody(
      [&] { return Gallery::open(gallery_)->nearest_images(random_vectors(1, 12, 3), 9)[0].size() == 5; }));
  EXPECT_TRUE(holds_for_nobody([&] { return verify_gallery(gallery_, true).problems.empty(); }));
}

// Files of which one call on the catalogue fails.
class OneFailingCall final : private FileWatch, public WatchedFileSystem {
 public:
  explicit OneFailingCall(FileAction action)
      : WatchedFileSystem(static_cast<FileWatch&>(*this)), action_(action) {}

 private:
  Verdict before(const FileCall& call) override {
    if (has_failed_ || call.action != action_ || call.path.extension() != ".sqlite") return Verdict::kPass;
    has_failed_ = true;
    return Verdict::kInputOutputError;
  }

  FileAction action_;
  bool has_failed_ = false;
};

TEST_F(WriterTest, ACatalogueThatCannotBeOpenedAsUsualIsReadAsOneThatNobodyWrites) {
  add_images(*open(), pictures_, 0, 5);
  const OneFailingCall files(FileAction::kOpen);
  EXPECT_EQ(gallery::open_gallery(files, gallery_)->images().size(), 5u);
}

TEST_F(WriterTest, AFailingDiskIsNotTakenForOneThatNobodyWrites) {
  add_images(*open(), pictures_, 0, 5);
  for (const FileAction action : {FileAction::kRead, FileAction::kSize}) {
    const OneFailingCall files(action);
    EXPECT_EQ(error_code_of([&] { gallery::open_gallery(files, gallery_); }), ErrorCode::kBackend);
  }
}

TEST_F(WriterTest, ACatalogueOnAMediumWithoutLocksIsReadAsImmutable) {
  add_images(*open(), pictures_, 0, 5);
  gallery::Database database(gallery_ / "catalogue.sqlite", gallery::Database::Mode::kReadImmutable);
  EXPECT_EQ(database.integer("SELECT count(*) FROM images"), 5);
  EXPECT_EQ(error_code_of([&] { database.execute("DELETE FROM images"); }), ErrorCode::kBackend);
}

TEST_F(WriterTest, FindTellsOfPicturesNotOfSkippedFiles) {
  const auto writer = open();
  const ImageId id = writer->add(made_image(pictures_, 2));
  writer->add_skipped({pictures_ / "bad.jpg", {7, 8}, ErrorCode::kBadFormat, "not a picture"});
  const auto found = writer->find(pictures_ / "../pictures/00002.jpg");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_EQ(found->path, pictures_ / "00002.jpg");
  EXPECT_EQ(found->content_hash, made_image(pictures_, 2).record.content_hash);
  EXPECT_FALSE(writer->find(pictures_ / "bad.jpg"));
  EXPECT_FALSE(writer->find(pictures_));
}

TEST_F(WriterTest, AReplacedPictureKeepsItsCaptionsUnlessTheNewOneBringsSome) {
  const auto writer = open();
  const ImageId first = writer->add(made_image(pictures_, 2));
  NewImage changed = made_image(pictures_, 3);
  changed.record.path = pictures_ / "00002.jpg";
  changed.captions.clear();
  const ImageId second = writer->add(changed);
  writer->commit();
  const auto gallery = Gallery::open(gallery_);
  EXPECT_NE(first, second);
  const auto kept = gallery->captions_of(second);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[1].text.text, "caption 1 of 2");
  EXPECT_EQ(gallery->nearest_captions(random_vectors(1, 12, 3), 5).at(0).size(), 2u);
  EXPECT_EQ(gallery->image(second).content_hash, changed.record.content_hash);

  changed.captions = made_image(pictures_, 1).captions;
  const ImageId third = writer->add(changed);
  writer->commit();
  const auto captions = Gallery::open(gallery_)->captions_of(third);
  ASSERT_EQ(captions.size(), 1u);
  EXPECT_EQ(captions[0].text.text, "caption 0 of 1");
  expect_clean();
}

TEST_F(WriterTest, ACopyHasTheVectorsOfItsSourceAndOutlivesIt) {
  const auto writer = open();
  const NewImage image = made_image(pictures_, 4);
  const ImageId source = writer->add(image);
  ImageRecord record = image.record;
  record.path = pictures_ / "again.jpg";
  const auto captions = made_image(pictures_, 2).captions;
  const ImageId copy = writer->add_copy(source, record, captions);  // of what is not even committed
  writer->commit();
  {
    const auto gallery = Gallery::open(gallery_);
    EXPECT_EQ(text_of(gallery->embedding(copy)), text_of(gallery->embedding(source)));
    EXPECT_EQ(text_of(gallery->tokens(copy)), text_of(gallery->tokens(source)));
    EXPECT_EQ(gallery->captions_of(copy).size(), 2u);
    EXPECT_EQ(gallery->image(copy).path, record.path);
  }
  writer->remove(image.record.path);
  writer->commit();
  EXPECT_EQ(Gallery::open(gallery_)->embedding(copy).row(0)[0], image.encoded.embedding.row(0)[0]);
  EXPECT_EQ(error_code_of([&] { writer->add_copy(source, record); }), ErrorCode::kNotFound);
  expect_clean();
}

TEST_F(WriterTest, ACopyOntoItsOwnPathReplacesItself) {
  const auto writer = open();
  const NewImage image = made_image(pictures_, 4);
  const ImageId copy = writer->add_copy(writer->add(image), image.record);
  writer->commit();
  const auto gallery = Gallery::open(gallery_);
  ASSERT_EQ(gallery->images().size(), 1u);
  EXPECT_EQ(gallery->embedding(copy).row(0)[5], image.encoded.embedding.row(0)[5]);
  EXPECT_EQ(gallery->captions_of(copy).size(), image.captions.size());
  expect_clean();
}

TEST_F(WriterTest, AnUpdateMovesAPictureAndKeepsItsIdVectorsAndCaptions) {
  const auto writer = open();
  add_images(*writer, pictures_, 0, 3);
  auto record = writer->find(pictures_ / "00002.jpg").value();
  const ImageId id = record.id;
  record.path = folder_.path() / "elsewhere" / "b.jpg";
  record.stamp = {5, 6};
  record.metadata = "{}";
  writer->add_skipped({record.path, {7, 8}, ErrorCode::kBadFormat, "was no picture before"});
  writer->update(record);
  EXPECT_FALSE(writer->find(pictures_ / "00002.jpg"));
  EXPECT_EQ(writer->known(record.path), record.stamp);
  writer->commit();
  const auto gallery = Gallery::open(gallery_);
  EXPECT_EQ(gallery->image(id).path, record.path);
  EXPECT_EQ(gallery->image(id).metadata, "{}");
  EXPECT_EQ(gallery->embedding(id).row(0)[0], made_image(pictures_, 2).encoded.embedding.row(0)[0]);
  EXPECT_EQ(gallery->captions_of(id).size(), 2u);
  EXPECT_TRUE(gallery->skipped().empty());
  expect_clean();
}

TEST_F(WriterTest, AnUpdateOntoAnotherPictureOrOfNoneIsRefusedAndTheWriterGoesOn) {
  const auto writer = open();
  add_images(*writer, pictures_, 0, 2);
  auto record = writer->find(pictures_ / "00000.jpg").value();
  record.path = pictures_ / "00001.jpg";
  EXPECT_EQ(error_code_of([&] { writer->update(record); }), ErrorCode::kInvalidArgument);
  record.id = 99;
  EXPECT_EQ(error_code_of([&] { writer->update(record); }), ErrorCode::kNotFound);
  add_images(*writer, pictures_, 2, 1);
  EXPECT_EQ(count(), 3u);
  expect_clean();
}

TEST_F(WriterTest, ACopyOfDamagedVectorsIsRefusedAndTheWriterGoesOn) {
  ImageId id = 0;
  {
    const auto writer = open();
    id = writer->add(made_image(pictures_, 0));
    writer->commit();
  }
  std::fstream(gallery_ / "images-000001.seg", std::ios::in | std::ios::out | std::ios::binary)
      .seekp(140)
      .put('\x7f');
  ImageRecord record = made_image(pictures_, 0).record;
  record.path = pictures_ / "again.jpg";
  const auto writer = open();
  writer->add(made_image(pictures_, 1));
  EXPECT_EQ(error_code_of([&] { writer->add_copy(id, record); }), ErrorCode::kBadFormat);
  writer->commit();
  EXPECT_EQ(Gallery::open(gallery_)->info().images, 2u);
}

}  // namespace
}  // namespace tandem

// Region features in the place of photos.
#include <gmock/gmock.h>

#include <fstream>

#include "core/fail.h"
#include "indexing/find_pictures.h"
#include "indexing/photo_finder.h"
#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class RegionFilesTest : public IndexTest {
 protected:
  RegionFilesTest() { model_ = make_fake_model({.reads_regions = true}); }

  fs::path copy(const std::string& name) {
    const fs::path path = folder_.path() / name;
    fs::copy_file(fs::path(TANDEM_TEST_DATA) / "regions" / name, path);
    return path;
  }
  // A file with some lines of many.tsv.
  fs::path write_lines(const std::vector<std::size_t>& numbers) {
    std::ifstream many(fs::path(TANDEM_TEST_DATA) / "regions/many.tsv");
    std::vector<std::string> lines;
    for (std::string line; std::getline(many, line);) lines.push_back(line);
    std::string text;
    for (const std::size_t number : numbers) text += lines.at(number) + "\n";
    return make_file("some.tsv", text);
  }
  IndexReport run_folder() {
    return index_scan(writer_, model_, scan_paths(files_, std::vector{folder_.path()}), options_, seams_);
  }
};

TEST_F(RegionFilesTest, OfAFolderStandForTheirPictures) {
  copy("101.npz");
  write_lines({1, 2});
  make_pictures(1);
  const IndexReport report = run_folder();
  EXPECT_EQ(report.added, 3u);
  EXPECT_EQ(report.skipped, 0u);
  EXPECT_THAT(committed(), ElementsAre("101.npz", "some.tsv#104", "some.tsv#107"));
  const auto gallery = writer_.snapshot();
  for (const ImageRecord& record : gallery->images()) EXPECT_GT(record.width * record.height, 0u);
  EXPECT_EQ(run_folder().unchanged, 3u);
}

TEST_F(RegionFilesTest, AChangedFileChangesOnlyThePicturesThatDiffer) {
  write_lines({0, 1});
  run_folder();
  const fs::path file = write_lines({1, 2});
  touch(file);
  options_.prune = true;
  const IndexReport report = run_folder();
  EXPECT_EQ(report.added, 1u);
  EXPECT_EQ(report.unchanged, 1u);
  EXPECT_EQ(report.pruned, 1u);
  EXPECT_THAT(committed(), ElementsAre("some.tsv#104", "some.tsv#107"));
}

TEST_F(RegionFilesTest, OneThatCannotBeOpenedIsSkippedAndCostsNothing) {
  write_lines({0, 1});
  run_folder();
  touch(make_file("some.tsv", "no regions"));
  options_.prune = true;
  const IndexReport report = run_folder();
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(report.pruned, 0u);
  EXPECT_THAT(committed(), ElementsAre("some.tsv#101", "some.tsv#104"));
}

TEST_F(RegionFilesTest, OtherTagsAreOtherContentThoughTheFileIsTheSame) {
  write_lines({0, 1});
  run_folder();
  options_.tags_file = make_file("tags.jsonl", "{\"image\": 104, \"tags\": \"dog\"}\n");
  IndexReport report = run_folder();
  EXPECT_EQ(report.updated, 1u);
  EXPECT_EQ(report.unchanged, 1u);
  const std::size_t commits = writer_.commits;
  report = run_folder();
  EXPECT_EQ(report.unchanged, 2u);
  EXPECT_EQ(writer_.commits, commits) << "nothing is written for what is the same";
  options_.tags_file = folder_.path() / "missing.jsonl";
  EXPECT_THROW(run_folder(), Error);
}

TEST_F(RegionFilesTest, ThePhotoIsFoundByTheIdBesideTheFileOrInTheFolderOfPhotos) {
  write_lines({0, 1, 2});  // 101, 104, 107
  fs::create_directory(folder_.path() / "photos");
  write_png(folder_.path() / "101.png", solid_picture(1, 2, 3));
  write_png(folder_.path() / "photos/104 \xFF.png", solid_picture(1, 2, 3));
  run_folder();
  const auto photos = [&] {
    std::vector<fs::path> found;
    for (const ImageRecord& record : writer_.snapshot()->images()) found.push_back(photo_of(record));
    return found;
  };
  const auto itself = [&](const char* id) { return folder_.path() / (std::string("some.tsv#") + id); };
  EXPECT_THAT(photos(), ElementsAre(folder_.path() / "101.png", itself("104"), itself("107")));

  fs::rename(folder_.path() / "photos/104 \xFF.png", folder_.path() / "photos/104.png");
  options_.photos = folder_.path() / "photos";
  const IndexReport report = run_folder();
  EXPECT_EQ(report.unchanged, 3u) << "nothing is computed for a photo that is only shown";
  EXPECT_THAT(photos(),
              ElementsAre(folder_.path() / "101.png", folder_.path() / "photos/104.png", itself("107")));
}

TEST_F(RegionFilesTest, AnIdThatLeadsElsewhereHasNoPhoto) {
  write_png(folder_.path() / "secret.png", solid_picture(1, 2, 3));
  const fs::path below = folder_.path() / "below";
  PhotoFinder photos(files_, below);
  for (const char* id : {"../secret", "", "a/../../secret"}) {
    EXPECT_EQ(photos.find({below / "some.tsv", id}), fs::path()) << id;
  }
}

TEST_F(RegionFilesTest, AFolderOfPhotosIsListedOnceForAllPictures) {
  std::size_t lists = 0;
  watch_.on_list = [&] { ++lists; };
  fs::create_directory(folder_.path() / "more");
  const fs::path photo = make_file("7.png", "");
  const fs::path other = make_file("more/8.JPG", "");
  PhotoFinder photos(files_, folder_.path() / "more");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(photos.find({folder_.path() / "some.tsv", "7"}), photo);
    EXPECT_EQ(photos.find({folder_.path() / "some.tsv", "8"}), other);
    EXPECT_EQ(photos.find({folder_.path() / "some.tsv", "9"}), fs::path());
  }
  EXPECT_EQ(lists, 2u);
}

TEST_F(RegionFilesTest, APhotoIsAFileThatIsThere) {
  fs::create_directory(folder_.path() / "7.jpg");
  fs::create_symlink("nowhere", folder_.path() / "7.jpeg");
  const fs::path photo = make_file("7.webp", "");
  make_file("7.PNG", "");
  PhotoFinder photos(files_, {});
  EXPECT_EQ(photos.find({folder_.path() / "7.npz", {}}), photo);
}

TEST_F(RegionFilesTest, APhotoIsFoundInAFolderThatCannotBeListed) {
  const fs::path photo = make_file("7.png", "");
  watch_.unreadable = {folder_.path()};
  PhotoFinder photos(files_, {});
  EXPECT_EQ(photos.find({folder_.path() / "some.tsv", "7"}), photo);
}

TEST_F(RegionFilesTest, AreReadBesidePhotosByAModelWithADetector) {
  model_ = make_fake_model({.reads_regions = true, .has_detector = true});
  const fs::path many = fs::path(TANDEM_TEST_DATA) / "regions/many_oscar_intkeys.pt";
  copy("101.npz");
  write_lines({1, 2});
  make_pictures(2);
  const std::vector<fs::path> named = {folder_.path(), many};
  const auto run_both = [&] {
    return index_scan(writer_, model_, scan_paths(files_, named), options_, seams_);
  };
  const IndexReport report = run_both();
  EXPECT_EQ(report.skipped, 0u);
  EXPECT_THAT(committed(), IsSupersetOf({"1000.png", "1001.png", "101.npz", "some.tsv#104", "some.tsv#107"}));
  EXPECT_EQ(report.added, 5 + RegionFile::open(many)->ids().size());
  EXPECT_EQ(run_both().unchanged, report.added);
}

TEST_F(RegionFilesTest, APhotoThatTheDetectorFailsAtIsSkippedByName) {
  model_ = make_fake_model(
      {.reads_regions = true, .has_detector = true, .on_call = [](FakeCall call, std::size_t) {
         if (call == FakeCall::kPreprocess)
           fail(ErrorCode::kBadFormat, "grid.pt: the detector failed: no luck");
       }});
  copy("101.npz");
  make_pictures(1);
  const IndexReport report = run_folder();
  EXPECT_EQ(report.added, 1u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_EQ(writer_.snapshot()->skipped().front().reason,
            (folder_.path() / "1000.png").string() + ": grid.pt: the detector failed: no luck");
}

TEST_F(RegionFilesTest, AreSkippedByAModelThatReadsPhotos) {
  model_ = make_fake_model();
  EXPECT_EQ(run({copy("101.npz")}).skipped, 1u);
  EXPECT_THAT(writer_.snapshot()->skipped().front().reason, HasSubstr("fake models read photos"));
}

}  // namespace
}  // namespace tandem::indexing

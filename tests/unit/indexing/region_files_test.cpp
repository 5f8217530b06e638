// Region features in the place of photos.
#include <gmock/gmock.h>

#include <fstream>

#include "indexing/find_pictures.h"
#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST_F(RegionFilesTest, AreSkippedByAModelThatReadsPhotos) {
  model_ = make_fake_model();
  EXPECT_EQ(run({copy("101.npz")}).skipped, 1u);
  EXPECT_THAT(writer_.snapshot()->skipped().front().reason, HasSubstr("fake models read photos"));
}

}  // namespace
}  // namespace tandem::indexing

// What a gallery has of files that are gone.
#include <gmock/gmock.h>

#include "indexing/find_pictures.h"
#include "unit/indexing/index_test_base.h"

namespace tandem::indexing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VanishedTest : public IndexTest {
 protected:
  fs::path make_picture(const fs::path& name, std::uint8_t red) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    write_png(path, solid_picture(red, 0, 0));
    return path;
  }
  IndexReport run_below(const std::vector<fs::path>& roots) {
    return index_scan(writer_, model_, scan_paths(files_, roots), options_, seams_);
  }
  IndexReport run_below(const fs::path& root) { return run_below(std::vector{root}); }
  IndexReport prune_below(const fs::path& root) {
    options_.prune = true;
    return run_below(root);
  }
};

TEST_F(VanishedTest, IsKeptAndCountedUntilItIsPruned) {
  make_picture("a.png", 1);
  const fs::path gone = make_picture("b.png", 2);
  const fs::path bad = make_file("bad.png", "no picture");
  EXPECT_EQ(run_below(folder_.path()).vanished, 0u);
  fs::remove(gone);
  fs::remove(bad);

  IndexReport report = run_below(folder_.path());
  EXPECT_EQ(report.vanished, 2u);
  EXPECT_EQ(report.pruned, 0u);
  EXPECT_THAT(committed(), ElementsAre("a.png", "b.png"));

  report = prune_below(folder_.path());
  EXPECT_EQ(report.vanished, 0u);
  EXPECT_EQ(report.pruned, 2u);
  EXPECT_THAT(committed(), ElementsAre("a.png"));
  EXPECT_THAT(writer_.snapshot()->skipped(), IsEmpty());
  EXPECT_EQ(prune_below(folder_.path()).pruned, 0u);
}

TEST_F(VanishedTest, WhatWasMovedHasNotVanished) {
  make_picture("a.png", 1);
  const fs::path path = make_picture("b.png", 2);
  run_below(folder_.path());
  fs::rename(path, folder_.path() / "c.png");
  const IndexReport report = prune_below(folder_.path());
  EXPECT_EQ(report.moved, 1u);
  EXPECT_EQ(report.vanished + report.pruned, 0u);
  EXPECT_THAT(committed(), ElementsAre("a.png", "c.png"));
}

TEST_F(VanishedTest, OtherFoldersAreNotLookedAt) {
  make_picture("one/a.png", 1);
  const fs::path gone = make_picture("two/b.png", 2);
  make_picture("one more/c.png", 3);
  run_below(folder_.path());
  fs::remove(gone);
  fs::remove_all(folder_.path() / "one more");
  const IndexReport report = prune_below(folder_.path() / "one");
  EXPECT_EQ(report.vanished + report.pruned, 0u);
  EXPECT_EQ(committed().size(), 3u);
}

TEST_F(VanishedTest, WhatIsThereUnderAnotherNameOfItsFolderHasNot) {
  make_picture("a.png", 1);
  const fs::path hidden = make_picture(".hidden.png", 2);
  run_below({folder_.path(), hidden});
  EXPECT_EQ(prune_below(folder_.path()).vanished, 0u);
  EXPECT_EQ(committed().size(), 2u);
}

TEST_F(VanishedTest, BelowAFolderThatCannotBeListedNothingVanishes) {
  make_picture("a.png", 1);
  const fs::path gone = make_picture("locked/b.png", 2);
  run_below(folder_.path());
  fs::remove(gone);
  watch_.unreadable = {folder_.path() / "locked"};
  EXPECT_EQ(prune_below(folder_.path()).vanished, 0u);
  watch_.unreadable.clear();
  EXPECT_EQ(prune_below(folder_.path()).pruned, 1u);
}

TEST_F(VanishedTest, BehindALinkThatLeadsNowhereNothingVanishes) {
  make_picture("photos/a.png", 1);
  make_picture("drive/b.png", 2);
  fs::create_directory_symlink(folder_.path() / "drive", folder_.path() / "photos/link");
  run_below(folder_.path() / "photos");
  ASSERT_EQ(committed().size(), 2u);
  fs::rename(folder_.path() / "drive", folder_.path() / "away");
  EXPECT_EQ(prune_below(folder_.path() / "photos").vanished, 0u);
  EXPECT_EQ(committed().size(), 2u);
}

TEST_F(VanishedTest, AFolderWithoutAnyPictureIsNotPruned) {
  const fs::path gone = make_picture("drive/b.png", 2);
  make_picture("drive2/c.png", 3);
  run_below({folder_.path() / "drive", folder_.path() / "drive2"});
  fs::remove(gone);
  options_.prune = true;
  const IndexReport report = run_below({folder_.path() / "drive", folder_.path() / "drive2"});
  EXPECT_EQ(report.vanished, 1u);
  EXPECT_EQ(report.pruned, 0u);
  EXPECT_EQ(committed().size(), 2u);
}

TEST_F(VanishedTest, AStopPrunesNothing) {
  make_picture("a.png", 1);
  const fs::path gone = make_picture("b.png", 2);
  run_below(folder_.path());
  fs::remove(gone);
  std::stop_source stop;
  stop.request_stop();
  options_.stop = stop.get_token();
  EXPECT_THROW(prune_below(folder_.path()), Error);
  EXPECT_EQ(committed().size(), 2u);
}

}  // namespace
}  // namespace tandem::indexing

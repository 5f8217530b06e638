// A gallery over time: its pictures move, go and come.
#include <gmock/gmock.h>

#include <chrono>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class LifeCycleTest : public PhotosTest {
 protected:
  // A file that was written to a moment ago is left to a later look of --watch.
  void make_photos_old() {
    for (const auto& entry : fs::directory_iterator(path("photos"))) {
      fs::last_write_time(entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(1));
    }
  }
};

TEST_F(LifeCycleTest, MovedDoubledAndVanishedFilesAreToldApart) {
  EXPECT_EQ(index()["added"], 4);
  fs::rename(path("photos/cat_yarn.jpg"), path("photos/kitten.jpg"));
  copy_photo("city_bus.jpg", "bus.jpg");
  fs::remove(path("photos/lighthouse.jpg"));
  Json report = index();
  EXPECT_EQ(report["moved"], 1);
  EXPECT_EQ(report["duplicates"], 1);
  EXPECT_EQ(report["unchanged"], 2);
  EXPECT_EQ(report["vanished"], 1);
  EXPECT_EQ(report["added"], 0);
  EXPECT_EQ(report["images"], 5);
  const auto hits = run_json({"search", gallery_, "--image", kPhotos / "city_bus.jpg", "-k", "2"});
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0]["similarity"], hits[1]["similarity"]) << "both copies are found";

  EXPECT_THAT(run_tandem({"index", gallery_, path("photos")}).out, HasSubstr("--prune removes them"));
  report = index({"--prune"});
  EXPECT_EQ(report["pruned"], 1);
  EXPECT_EQ(report["vanished"], 0);
  EXPECT_EQ(report["images"], 4);
}

TEST_F(LifeCycleTest, CompactGivesTheSpaceOfRemovedPicturesBack) {
  index();
  run_json({"remove", gallery_, path("photos/city_bus.jpg")});
  const Json before = run_json({"info", gallery_}).at(0);
  EXPECT_GT(before["hole_bytes"], 0);
  const auto hits = run_json({"search", gallery_, "a lighthouse"});

  const Json report = run_json({"compact", gallery_}).at(0);
  EXPECT_GT(report["segments"], 0);
  EXPECT_LT(report["bytes_after"], report["bytes_before"]);
  const Json after = run_json({"info", gallery_}).at(0);
  EXPECT_EQ(after["hole_bytes"], 0);
  EXPECT_EQ(after["images"], 3);
  EXPECT_EQ(run_json({"search", gallery_, "a lighthouse"}), hits);
  EXPECT_EQ(run_json({"verify", gallery_, "--deep"}).at(0)["ok"], true);
  EXPECT_EQ(run_json({"compact", gallery_}).at(0)["segments"], 0) << "there is nothing left to do";
}

TEST_F(LifeCycleTest, WatchFollowsAFolderUntilCtrlC) {
  make_photos_old();
  Program watching(tandem_command({"index", gallery_, path("photos"), "--watch", "--json", "--verbose"}));
  ASSERT_TRUE(watching.wait_for_error_text("committed 4 pictures"));
  // It appears whole, however long the copying takes.
  fs::copy_file(kPhotos / "horses.jpg", path("horses.jpg"));
  fs::rename(path("horses.jpg"), path("photos/horses.jpg"));
  ASSERT_TRUE(watching.wait_for_error_text("committed 1 pictures"));
  watching.kill(SIGINT);
  const Outcome outcome = watching.wait();
  EXPECT_EQ(outcome.status, 130);
  const auto rounds = json_lines(outcome.out);
  ASSERT_GE(rounds.size(), 1u) << "the second round may have been cut short";
  EXPECT_EQ(rounds[0]["added"], 4);
  EXPECT_EQ(index()["unchanged"], 5);
}

}  // namespace
}  // namespace tandem

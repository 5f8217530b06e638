// The command is killed at random instants while it indexes, removes and compacts: the gallery is whole each
// time, and once the work is finished it answers as one that was never interrupted. TANDEM_KILLS sets how
// often.
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

// The demo photos whose number is `first` modulo `step`.
Arguments photos(std::size_t first, std::size_t step) {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(kPhotos)) {
    if (entry.path().extension() == ".jpg") all.push_back(entry.path().string());
  }
  std::sort(all.begin(), all.end());
  Arguments chosen;
  for (std::size_t i = first % step; i < all.size(); i += step) chosen.push_back(all[i]);
  return chosen;
}

class KillTest : public CliTest {
 protected:
  // Kills the command at a random instant of the first `milliseconds`, unless it ends before. The gallery
  // must be whole then.
  void run_and_kill(const Arguments& arguments, std::uint32_t milliseconds) {
    Program program(tandem_command(arguments));
    std::this_thread::sleep_for(std::chrono::milliseconds(random_() % milliseconds));
    program.kill(SIGKILL);
    const Outcome outcome = program.wait();
    // 3: none of the pictures that it should remove is there.
    EXPECT_TRUE(outcome.signal == SIGKILL || outcome.status == 0 || outcome.status == 3) << outcome.err;
    if (outcome.signal == SIGKILL) ++kills_;
    EXPECT_EQ(run_json({"verify", gallery_, "--deep"}).at(0)["ok"], true);
  }
  // For each query the similarity of every picture that is found.
  std::map<std::string, double> answers(const std::string& gallery) {
    std::map<std::string, double> similarities;
    for (const std::string query : {"a dog in the snow", "ein rotes Boot", "people playing music"}) {
      for (const Json& hit : run_json({"search", gallery, query, "-k", "60"})) {
        similarities[query + ": " + hit["path"].get<std::string>()] = hit["similarity"].get<double>();
      }
    }
    return similarities;
  }

  const std::string gallery_ = path("killed");
  std::mt19937 random_{5};
  int kills_ = 0;
};

TEST_F(KillTest, WhateverItWasDoingTheGalleryIsWholeAndTheWorkCanBeFinished) {
  const char* wanted = std::getenv("TANDEM_KILLS");
  const int kills = wanted == nullptr ? 24 : std::atoi(wanted);
  const std::string whole = path("whole");
  run_json({"index", whole, kPhotos});
  std::filesystem::copy(whole, gallery_, std::filesystem::copy_options::recursive);
  const Arguments index = {"index", gallery_, kPhotos};
  for (std::uint32_t round = 0; kills_ < kills; ++round) {
    SCOPED_TRACE(round);
    Arguments remove = {"remove", gallery_};
    for (const auto& photo : photos(round, 6)) remove.push_back(photo);
    run_and_kill(remove, 300);
    run_and_kill({"compact", gallery_}, 300);
    run_and_kill(index, 2000);
    // What kills keep undone would become ever more.
    if (round % 4 == 3) run_json(index);
  }
  run_json(index);
  const auto found = answers(gallery_);
  EXPECT_EQ(found.size(), 3 * 60u);
  for (const auto& [hit, similarity] : answers(whole)) {
    ASSERT_TRUE(found.contains(hit)) << hit;
    // Its last digits depend on which pictures were computed together.
    EXPECT_NEAR(found.at(hit), similarity, 1e-5) << hit;
  }
}

}  // namespace
}  // namespace tandem

// Indexing that is interrupted keeps what is committed and goes on where it stopped.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>

#include "integration/cli/cli_test_base.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

class InterruptionTest : public CliTest {
 protected:
  // Starts indexing the demo photos and waits for the first commit, which comes long before the end. It lets
  // this test go first, so that it does not come to the end before it is interrupted.
  std::unique_ptr<Program> start_and_wait_for_a_commit() {
    auto indexing = std::make_unique<Program>(tandem_command({"index", gallery_, kPhotos, "--verbose"}), "",
                                              [] { ::setpriority(PRIO_PROCESS, 0, 19); });
    EXPECT_TRUE(indexing->wait_for_error_text("committed")) << "it ended without a commit";
    return indexing;
  }
  void expect_that_it_goes_on() {
    const std::size_t kept = run_json({"info", gallery_}).at(0)["images"];
    EXPECT_GT(kept, 0u);
    EXPECT_LT(kept, 60u);
    const Json rest = run_json({"index", gallery_, kPhotos}).at(0);
    EXPECT_EQ(rest["unchanged"], kept);
    EXPECT_EQ(rest["images"], 60);
    EXPECT_EQ(run_json({"verify", gallery_, "--deep"}).at(0)["ok"], true);
  }

  const std::string gallery_ = path("gallery");
};

TEST_F(InterruptionTest, AKillLosesNothingThatWasCommitted) {
  const auto indexing = start_and_wait_for_a_commit();
  indexing->kill(SIGKILL);
  EXPECT_EQ(indexing->wait().signal, SIGKILL);
  expect_that_it_goes_on();
}

TEST_F(InterruptionTest, CtrlCEndsWithStatus130AndLosesNothing) {
  const auto indexing = start_and_wait_for_a_commit();
  indexing->kill(SIGINT);
  const Outcome outcome = indexing->wait();
  EXPECT_EQ(outcome.status, 130);
  EXPECT_THAT(outcome.err, HasSubstr(" is kept")) << "in a step or between two, as it comes";
  expect_that_it_goes_on();
}

TEST_F(InterruptionTest, SigtermIsTheSame) {
  const auto indexing = start_and_wait_for_a_commit();
  indexing->kill(SIGTERM);
  EXPECT_EQ(indexing->wait().status, 130);
}

TEST_F(InterruptionTest, AStepThatDoesNotEndIsNotWaitedFor) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string pipe = path("pipe" + std::to_string(signal));
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    Program tokenizing(tandem_command({"tokenize", "--texts-file", pipe}));
    const std::ofstream nothing(pipe);  // waits for the program to open it
    tokenizing.kill(signal);
    const Outcome outcome = tokenizing.wait();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_EQ(outcome.err, "tandem: stopped in the middle of a step; what was committed is kept\n");
  }
}

TEST_F(InterruptionTest, ASecondWriterIsTurnedAwayWithStatus8) {
  const auto indexing = start_and_wait_for_a_commit();
  indexing->kill(SIGSTOP);
  expect_failure(8, {"index", gallery_, kPhotos});
  EXPECT_GT(run_json({"info", gallery_}).at(0)["images"], 0) << "readers are not disturbed";
}

}  // namespace
}  // namespace tandem

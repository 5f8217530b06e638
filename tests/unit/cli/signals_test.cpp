#include "cli/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace tandem::cli {
namespace {

using ::testing::ExitedWithCode;

[[noreturn]] void hang() {
  while (true) ::pause();
}

void wait_for_stop(const StopOnSignal& stop) {
  while (!stop.token().stop_requested()) ::usleep(1000);
}

class StopOnSignalTest : public ::testing::TestWithParam<int> {
 protected:
  // Each case runs in a process of its own, without the threads of this one.
  StopOnSignalTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_P(StopOnSignalTest, TheFirstSignalAsksForAStop) {
  EXPECT_EXIT(
      {
        {
          const StopOnSignal stop;
          ::raise(GetParam());
          wait_for_stop(stop);
        }
        std::exit(7);
      },
      ExitedWithCode(7), "^$");
}

TEST_P(StopOnSignalTest, AProgramThatHangsIsEndedAndSaysThatNothingIsLost) {
  EXPECT_EXIT(
      {
        const StopOnSignal stop;
        ::raise(GetParam());
        hang();
      },
      ExitedWithCode(130), "^tandem: stopped in the middle of a step; what was committed is kept\n$");
}

TEST_P(StopOnSignalTest, TheSecondSignalEndsItAtOnce) {
  EXPECT_EXIT(
      {
        const StopOnSignal stop;
        ::raise(SIGINT);
        ::raise(GetParam());
        hang();
      },
      ExitedWithCode(130), "^$");
}

INSTANTIATE_TEST_SUITE_P(Signals, StopOnSignalTest, ::testing::Values(SIGINT, SIGTERM));

}  // namespace
}  // namespace tandem::cli
